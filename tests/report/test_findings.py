"""What a report says agrees with the network and the test split."""

import numpy as np

from nncli.report import findings as module
from nncli.report.findings import gather
from nncli.runs.trained import open_trained


def test_the_worst_are_misclassified_with_falling_confidence(findings):
    confidences = findings.tested.probabilities.max(axis=0)[findings.shown]
    assert len(findings.worst) == min(module.WORST, round(60 * findings.tested.summary.error))
    assert (findings.tested.predictions != findings.tested.data.labels)[findings.shown][findings.worst].all()
    assert (np.diff(confidences[findings.worst]) <= 0).all()


def test_the_images_of_a_unit_are_those_with_the_highest_pre_activations(findings, digits):
    parameters = findings.trained.network.parameters
    z = parameters.value("hidden1.weights") @ (digits["test"].images.reshape(60, -1).T / np.float32(255))
    expected = np.sort(z, axis=1)[:, ::-1][:, : module.EXCITING]
    np.testing.assert_allclose(np.take_along_axis(z, findings.features.images, axis=1), expected, rtol=1e-5)


def test_a_negative_gain_reverses_the_order(make_run, digits, tmp_path):
    layers = {"model": {"layers": [{"units": 12, "batch_norm": True}, {"units": 10}]}}
    path, trained = open_trained(make_run(tmp_path / "run", **layers))
    before = gather(tmp_path / "run", path, trained, digits["test"]).features.images
    trained.network.parameters.value("hidden1.gain")[0] *= -1
    after = gather(tmp_path / "run", path, trained, digits["test"]).features.images
    assert not set(before[0][:5]) & set(after[0][:5])
    assert (before[1:] == after[1:]).all()


def test_a_large_test_split_is_shown_in_part_with_every_misclassified_image(make_run, digits, tmp_path, monkeypatch):
    path, trained = open_trained(make_run(tmp_path / "run"))
    wrong = gather(path, path, trained, digits["test"]).tested.predictions != digits["test"].labels
    monkeypatch.setattr(module, "PIXELS", 784 * (int(wrong.sum()) + 2))
    shown = gather(path, path, trained, digits["test"]).shown
    assert len(shown) == wrong.sum() + 2
    assert set(np.flatnonzero(wrong)) <= set(shown)
    assert (np.diff(shown) > 0).all()
