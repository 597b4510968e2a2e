"""Random and nearly right files: only nncli's own exceptions come out. `make fuzz` is the same guided by coverage."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile.seeds import SEEDS
from hostile.targets import TARGETS

YAML_WORDS = """
    model: layers: units: activation: optimizer: name: seed: inputs: initializer: scale: training: epochs: schedule:
    [ ] { } , &a *a !!int << ' " | > # - --- 10 1e-3 0x1F .nan .inf relu adam null true é
""".split()  # noqa: SIM905
YAML_SPACES = ["\n", "\n  ", "\n    - ", " ", "\t", "\0", "\u2028"]


@st.composite
def damaged(draw, seeds):
    """One of the seeds with stretches of it cut out, doubled, or written over."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        known = [bytes(content[start:end]) * 2, b"\xff\xff\xff\xff", bytes(4)]
        content[start:end] = draw(st.binary(max_size=8) | st.sampled_from(known))
    return bytes(content)


def contents(name):
    """Strategies of one kind of file: nearly right, made of its words, and anything."""
    nearly = damaged(list(SEEDS[name]()))
    if name == "yaml":
        return nearly | st.lists(st.sampled_from(YAML_WORDS + YAML_SPACES), max_size=40).map("".join).map(str.encode)
    return nearly | st.binary(max_size=100)


@pytest.mark.parametrize("name", TARGETS)
def test_only_own_exceptions_come_out(name, rounds):
    @settings(
        max_examples=int(rounds.length(short=40, long=20_000)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(contents(name))
    def feed(content):
        rounds.count(1)
        TARGETS[name](content)

    feed()
