"""Signals: deferred to a safe point the first time, raised at once the second, and put back afterwards."""

import signal

import pytest

from nncli.cli import signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_deferred_signal_asks_to_stop_and_lets_the_work_go_on(number, code):
    asked = []
    before = signal.getsignal(number)
    with signals.deferred(lambda: asked.append("stop")) as arrived:
        signal.raise_signal(number)
        asked.append("finished the step")
    assert asked == ["stop", "finished the step"]
    assert arrived == [number]
    assert signal.getsignal(number) is before
    interruption = signals.interruption(arrived[0], "go on with --resume")
    assert (signals.exit_code(interruption), str(interruption)) == (code, "go on with --resume")


def test_a_second_signal_does_not_wait():
    before = signal.getsignal(signal.SIGINT)
    with signals.deferred(lambda: None):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(signals.Terminated):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before
