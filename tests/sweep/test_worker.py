"""Workers do each point once, however many there are, and repeat what was lost."""

import pytest
from optuna.trial import TrialState, create_trial

from nncli.errors import RunError
from nncli.sweep.space import grid_point
from nncli.sweep.study import RESULT, Attempts, open_study, retry
from nncli.sweep.trial import FatalError


def points(study):
    return {index: each.params for index, each in Attempts(study.get_trials()).finished(1000).items()}


def test_the_points_do_not_depend_on_the_number_of_workers(sweep_of, done_by):
    sweep = sweep_of("base: base.yaml\nspace: {optimizer.learning_rate: {log: [0.001, 1], points: 6}}\n")
    study, runner = done_by(sweep, 4)
    assert points(study) == {index: grid_point(sweep.space, index) for index in range(6)}
    assert sorted(runner.done) == [(f"trial-{index:04d}", 0) for index in range(6)]


def test_each_seed_is_a_run_and_a_divergence_is_a_result(sweep_of, done_by):
    study, runner = done_by(sweep_of())
    results = [each.user_attrs[RESULT] for each in Attempts(study.get_trials()).finished(6).values()]
    assert [each["status"] for each in results] == ["completed"] * 4 + ["diverged"] * 2
    assert [len(each["values"]) for each in results] == [2] * 4 + [0] * 2
    assert len(runner.done) == 4 * 2 + 2  # the second seed of a point that diverges is not trained


def test_a_sweep_that_is_complete_does_nothing_and_a_larger_one_continues(sweep_of, done_by):
    text = "base: base.yaml\nspace: {optimizer.learning_rate: {uniform: [0.001, 1]}}\nsampler: tpe\ntrials: 3\n"
    study, _ = done_by(sweep_of(text))
    _, again = done_by(sweep_of(text))
    _, more = done_by(sweep_of(text, trials=5))
    assert (len(again.done), len(more.done)) == (0, 2)
    assert sorted(points(study)) == [0, 1, 2, 3, 4]


def test_another_space_is_refused(sweep_of, done_by):
    done_by(sweep_of())
    with pytest.raises(RunError, match=r"started with a different space\.optimizer\.learning_rate"):
        done_by(sweep_of("base: base.yaml\nspace: {optimizer.learning_rate: {choices: [0.2]}}\nseeds: 2\n"))


def test_an_error_of_one_training_ends_all_workers(sweep_of, done_by):
    def fail(folder, seed, point, after_epoch):
        raise FatalError("disk full", 5)

    with pytest.raises(FatalError, match="disk full") as caught:
        done_by(sweep_of(), 2, runner=fail)
    assert caught.value.exit_code == 5
    study, _ = done_by(sweep_of())
    assert len(points(study)) == 6


@pytest.mark.parametrize("queued", [0, 2])
def test_a_point_that_was_lost_is_done_again_once(sweep_of, done_by, storage_of, queued):
    sweep = sweep_of()
    study = open_study(storage_of("sweep.db"), sweep)
    study.add_trial(create_trial(state=TrialState.RUNNING))
    study.tell(0, state=TrialState.FAIL)  # as if its worker was killed before the trial was back in the queue
    for _ in range(queued):  # by two workers at the same time
        retry(study, study.get_trials()[0])
    done, runner = done_by(sweep)
    assert sorted(set(runner.done)) == sorted(runner.done)
    assert len(points(done)) == 6


def test_the_median_stops_bad_trials(sweep_of, done_by):
    text = "base: base.yaml\nspace: {optimizer.learning_rate: {choices: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.9]}}\n"
    study, _ = done_by(sweep_of(f"{text}pruner: median\n"))
    states = [each.state for each in Attempts(study.get_trials()).finished(7).values()]
    assert states == [TrialState.COMPLETE] * 5 + [TrialState.PRUNED] * 2
