"""The export formats, and the writing of their files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nncli import durable
from nncli.errors import WriteError
from nncli.export import c_header, numpy_module, onnx_model, torch_module
from nncli.export.code import module_name
from nncli.export.plan import Plan

_SIGNATURE = b"written by nncli export"
_LONGEST_OPENING = 1000


@dataclass(frozen=True)
class Format:
    """An export format.

    Attributes:
        file: the default name of the file; its suffix is the format's.
        contents: the plan and the path of the file -> contents of that file and of a module beside it, by suffix.
    """

    file: str
    contents: Callable[[Plan, Path], dict[str, bytes]]

    @property
    def suffix(self) -> str:
        """The suffix of the file."""
        return Path(self.file).suffix


FORMATS = {
    "onnx": Format("network.onnx", onnx_model.files),
    "torch": Format("network_torch.safetensors", torch_module.files),
    "npz": Format("network_numpy.npz", numpy_module.files),
    "c": Format("network.h", c_header.files),
}


def write(plan: Plan, name: str, path: Path) -> list[Path]:
    """Write a network in the format `name`, and return the files: `path`, and for some formats a module beside it.

    Raises:
        ExportError: the format cannot express an activation of the network.
        MissingExtraError: a package that the format needs is not installed.
        WriteError: a file cannot be written, or there is a module of the same name that nncli did not write.
    """
    chosen = FORMATS[name]
    contents = chosen.contents(plan, path)
    written = [path if suffix == chosen.suffix else path.with_name(module_name(path) + suffix) for suffix in contents]
    for file in written[1:]:
        _expect_ours(file)
    for file, content in zip(written, contents.values(), strict=True):
        durable.write(file, [content])
    return written


def _expect_ours(path: Path) -> None:
    """Raise WriteError if a file exists that this module did not write."""
    with durable.reported(path):
        if path.exists():
            with path.open("rb") as file:
                if _SIGNATURE not in file.read(_LONGEST_OPENING):
                    raise WriteError(f"{path}: not written by nncli export, so it is not replaced; change --output")
