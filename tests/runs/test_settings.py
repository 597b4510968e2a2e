"""Which settings may change when a run is resumed."""

from pathlib import Path

import pytest

from nncli.errors import RunError
from nncli.optim.schedules import SCHEDULES
from nncli.runs import settings


def test_the_epochs_stay_under_every_schedule_that_depends_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCHEDULES, "linear", lambda epoch, *, epochs: 1 - epoch / epochs)
    runs = {
        (name, epochs): {"schedule": {"name": name}, "training": {"epochs": epochs, "average_weights": 0}}
        for name in ("constant", "linear")
        for epochs in (2, 3)
    }
    assert settings.compare(Path("run"), runs["constant", 2], runs["constant", 3]) == {settings.EPOCHS}
    with pytest.raises(RunError, match="on which its linear schedule depends"):
        settings.compare(Path("run"), runs["linear", 2], runs["linear", 3])
