"""`nncli export` writes beside the run or to --output, and names the files."""

import pytest


def test_the_files_are_written_to_the_run_folder(nncli, threes):
    ended = nncli("export", threes, "--format", "npz")
    assert ended.code == 0
    assert ended.out.splitlines() == [str(threes / "network_numpy.npz"), str(threes / "network_numpy.py")]
    assert (threes / "network_numpy.npz").is_file()


def test_a_checkpoint_and_an_output_can_be_given(nncli, threes, tmp_path):
    checkpoint = threes / "checkpoints" / "best.safetensors"
    assert nncli("export", checkpoint, "--format", "c").out.strip() == str(checkpoint.with_name("network.h"))
    assert nncli("export", checkpoint, "--format", "c", "--output", "three.h").out == "three.h\n"
    assert "#ifndef NNCLI_THREE_H" in (tmp_path / "three.h").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["--format", "c", "--output", "three.c"], 2, "'three.c' must end in .h"),
        (["--format", "c", "--output", "missing/three.h"], 5, "the folder missing does not exist"),
        ([], 2, "Missing option '--format'. Choose from: onnx, torch, npz, c\n"),
    ],
)
def test_what_is_wrong_is_reported(nncli, threes, arguments, code, problem):
    ended = nncli("export", threes, *arguments)
    assert (ended.code, problem in ended.err, ended.out) == (code, True, "")
