"""Workers do each point once, however many there are, and repeat what was lost."""

import threading

import pytest
from optuna.trial import TrialState, create_trial

from nncli.errors import RunError
from nncli.sweep.space import grid_point, sobol_point
from nncli.sweep.study import RESULT, STARTING_POINTS, Attempts, open_study, retry
from nncli.sweep.trial import FatalError, Interrupted
from nncli.sweep.worker import Worker, run


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


@pytest.mark.parametrize("low", [0.0001, 0.1])
def test_tpe_starts_at_the_base_if_it_lies_in_the_space_and_continues_with_a_sobol_sequence(sweep_of, done_by, low):
    text = f"base: base.yaml\nspace: {{optimizer.learning_rate: {{log: [{low}, 1]}}}}\nsampler: tpe\ntrials: 8\n"
    sweep = sweep_of(text)
    base = {"optimizer.learning_rate": sweep.base.config.optimizer.learning_rate}
    sobol = [sobol_point(sweep.space, sweep.base.config.seed, index) for index in range(8)]
    found = list(points(done_by(sweep)[0]).values())
    assert found[0] == (base if low < 0.1 else sobol[0])
    assert found[1:STARTING_POINTS] == sobol[1:STARTING_POINTS]
    assert found[STARTING_POINTS:] != sobol[STARTING_POINTS:]


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
    text = "base: base.yaml\nspace: {optimizer.learning_rate: {choices: [0.05, 0.9, 0.04, 0.8, 0.045]}}\n"
    study, _ = done_by(sweep_of(f"{text}pruner: median\n"))
    states = [each.state for each in Attempts(study.get_trials()).finished(5).values()]
    done, pruned = TrialState.COMPLETE, TrialState.PRUNED
    assert states == [done, pruned, done, pruned, done]


def test_when_the_time_is_over_the_trial_goes_back_to_the_queue(sweep_of, storage_of, runner, tmp_path):
    stopped = threading.Event()

    def interrupted(folder, seed, point, after_epoch):
        stopped.wait(10)
        raise Interrupted

    sweep, storage = sweep_of(), storage_of("sweep.db")
    worker = Worker(sweep, storage, tmp_path, stopped, runner=interrupted)
    assert run([worker], stopped, timeout=0.01)
    assert [each.state for each in worker.study.get_trials()] == [TrialState.FAIL, TrialState.WAITING]
    again = threading.Event()
    assert not run([Worker(sweep, storage, tmp_path, again, runner=runner)], again)
    assert sorted(points(worker.study)) == list(range(6))
    assert runner.done[0] == ("trial-0000", 0)  # the one that was stopped comes first


def test_a_worker_waits_for_others_and_takes_the_trials_of_the_dead(sweep_of, done_by, storage_of, monkeypatch):
    monkeypatch.setattr("nncli.sweep.worker._POLL", 0)
    sweep, storage = sweep_of(), storage_of("sweep.db")
    study = open_study(storage, sweep)
    study.add_trial(create_trial(state=TrialState.RUNNING))
    storage.record_heartbeat = lambda trial: storage.set_trial_state_values(trial, TrialState.FAIL)  # it is dead
    found, runner = done_by(sweep)
    assert sorted(points(found)) == list(range(6))
    assert runner.done[-1][0] == "trial-0000"


def test_hyperband_stops_some_trials_and_loses_none(sweep_of, done_by):
    text = "base: base.yaml\nspace: {optimizer.learning_rate: {uniform: [0.01, 0.9]}}\nsampler: random\ntrials: 12\n"
    study, _ = done_by(sweep_of(f"{text}pruner: hyperband\n"), 2)
    finished = Attempts(study.get_trials()).finished(12)
    assert sorted(finished) == list(range(12))
    assert TrialState.PRUNED in {each.state for each in finished.values()}
