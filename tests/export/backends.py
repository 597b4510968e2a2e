"""Programs that load exported files and compute class probabilities (n, 10) of images, uint8 (n, 28, 28)."""

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nncli.build import Trained

_PROGRAM = """\
#include <stdio.h>
#include "network.h"

int main(void)
{
    unsigned char image[784];
    float probabilities[10];
    while (fread(image, 1, sizeof image, stdin) == sizeof image) {
        predict(image, probabilities);
        fwrite(probabilities, sizeof(float), 10, stdout);
    }
    return 0;
}
"""


def expected(network: Trained, images: np.ndarray) -> np.ndarray:
    """Return nncli's own probabilities."""
    return network.predict(images).T


def load_module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_onnx(files: list[Path], images: np.ndarray) -> np.ndarray:
    onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make exports installs it)")
    session = onnxruntime.InferenceSession(files[0], providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(["probabilities"], {"images": images})
    return np.asarray(probabilities)


def with_torch(files: list[Path], images: np.ndarray) -> np.ndarray:
    torch = pytest.importorskip("torch", reason="torch is not installed (make exports installs it)")
    with torch.no_grad():
        return np.asarray(load_module(files[1]).load()(torch.from_numpy(images)))


def with_npz(files: list[Path], images: np.ndarray) -> np.ndarray:
    return np.asarray(load_module(files[1]).predict_proba(images))


def with_c(files: list[Path], images: np.ndarray) -> np.ndarray:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("cc is not installed")
    source = files[0].with_name("main.c")
    source.write_text(_PROGRAM.replace("network.h", files[0].name), encoding="ascii")
    program = source.with_suffix("")
    options = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", program, source, "-lm"]
    subprocess.run([compiler, *map(str, options)], check=True)
    done = subprocess.run([program], input=images.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(-1, 10)


BACKENDS = {"onnx": with_onnx, "torch": with_torch, "npz": with_npz, "c": with_c}
