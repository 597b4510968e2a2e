"""What a sweep found: means over seeds, the importance of each key, the best configuration, and a page."""

import base64
import re

import pytest
from optuna.trial import TrialState, create_trial

from nncli.config.load import loads
from nncli.errors import RunError
from nncli.report.sweep import render
from nncli.sweep.best import configuration
from nncli.sweep.study import open_study
from nncli.sweep.summary import load, summarize


def test_points_are_ranked_by_their_mean_over_the_seeds(sweep_of, done_by):
    study, _ = done_by(sweep_of())
    found = summarize(study)
    assert [each.trials for each in found.entries] == [[2], [3], [0], [1], [4], [5]]
    best = found.entries[0]
    assert best is found.expect_best()
    assert best.mean
    assert best.interval
    assert best.params == {"optimizer.learning_rate": 0.01, "model.layers[0].units": 8}
    assert best.mean == pytest.approx(0.0113)
    assert best.deviation == pytest.approx(0.001 / 2**0.5)
    low, high = best.interval
    assert (best.mean - low, high - best.mean) == pytest.approx((0.0063531, 0.0063531), rel=1e-4)
    assert [each.status for each in found.entries].count("diverged") == 2
    assert (found.done, found.trials, found.seconds, found.seconds_left) == (6, 6, 18.0, 0.0)
    assert list(found.importance) == ["optimizer.learning_rate", "model.layers[0].units"]
    assert sum(found.importance.values()) == pytest.approx(1)


def test_a_seed_in_the_space_is_averaged_over(sweep_of, done_by):
    study, _ = done_by(
        sweep_of("base: base.yaml\nspace: {seed: {choices: [1, 2]}, optimizer.learning_rate: {choices: [0.1, 0.01]}}\n")
    )
    assert [(each.trials, len(each.values)) for each in summarize(study).entries] == [([1, 3], 2), ([0, 2], 2)]


def test_the_best_configuration_can_be_loaded_and_says_where_it_comes_from(sweep_of, done_by):
    study, _ = done_by(sweep_of())
    text = configuration(study, summarize(study))
    config = loads(text, name="best.yaml").config
    assert (config.optimizer.learning_rate, config.model.layers[0].units) == (0.01, 8)
    assert text.startswith("# The best of 6 trials of the sweep sweep")
    assert "# chosen from choices [0.1, 0.01, 10.0]" in text or "# chosen from choices [0.1, 0.01, 10]" in text


def test_the_page_shows_every_kind_of_setting(sweep_of, done_by):
    study, _ = done_by(
        sweep_of(
            "base: base.yaml\nsampler: random\ntrials: 6\nspace:\n  optimizer.learning_rate: {log: [0.01, 1]}\n"
            "  model.layers[0].units: {integers: [4, 64]}\n  optimizer: {choices: [{name: adam}, {name: sgd}]}\n"
        )
    )
    page = render(summarize(study))
    assert page.count("<tr>") == 7
    (figure,) = re.findall(r"data:image/svg\+xml;base64,([^\"]*)", page)
    assert "parallel coordinates" in base64.b64decode(figure).decode()


def test_a_sweep_without_results_has_no_best(sweep_of, storage_of):
    study = open_study(storage_of("new"), sweep_of())
    study.add_trial(create_trial(state=TrialState.RUNNING))
    found = summarize(study)
    assert (found.completed, found.running, found.importance) == ([], [(0, "")], {})
    with pytest.raises(RunError, match="no completed trial"):
        configuration(study, found)


def test_a_storage_with_several_sweeps_needs_a_name(sweep_of, storage_of):
    storage = storage_of("several")
    for name in ("one", "two"):
        open_study(storage, sweep_of(f"name: {name}\nbase: base.yaml\nspace: {{seed: {{choices: [1]}}}}\n"))
    assert load(storage, "two").study_name == "two"
    with pytest.raises(RunError, match="one, two"):
        load(storage)
