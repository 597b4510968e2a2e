"""The activations in the languages of the export formats."""

import re
from dataclasses import dataclass

from nncli.errors import ExportError


@dataclass(frozen=True)
class Function:
    """φ(z) as an expression of `z` in NumPy, PyTorch and C, and as ONNX operators, one after the other."""

    numpy: str
    torch: str
    c: str
    onnx: tuple[str, ...]

    def of(self, language: str, z: str) -> str:
        """Return the expression of another variable in `numpy`, `torch` or `c`."""
        return re.sub(r"\bz\b", z, str(getattr(self, language)))


FUNCTIONS = {
    "linear": Function("z", "z", "z", ()),
    "relu": Function("np.maximum(z, 0)", "torch.relu(z)", "z > 0 ? z : 0", ("Relu",)),
    "soft_relu": Function(
        "np.logaddexp(z, 0)",
        "torch.logaddexp(z, torch.zeros(()))",
        "(z > 0 ? z : 0) + log1pf(expf(-fabsf(z)))",
        ("Softplus",),
    ),
    "gelu": Function(
        "z * erfc(z * -math.sqrt(0.5)) / 2",
        "torch.nn.functional.gelu(z)",
        "0.5f * z * erfcf(-0.707106781f * z)",
        ("Gelu",),
    ),
    "hard_threshold": Function("(z > 0).astype(np.float32)", "(z > 0).float()", "z > 0 ? 1 : 0", ("Sign", "Relu")),
    "logistic": Function("1 / (1 + np.exp(-z))", "torch.sigmoid(z)", "1 / (1 + expf(-z))", ("Sigmoid",)),
    "tanh": Function("np.tanh(z)", "torch.tanh(z)", "tanhf(z)", ("Tanh",)),
}


def function(name: str) -> Function:
    """Return an activation.

    Raises:
        ExportError: it is not in the table.
    """
    if name not in FUNCTIONS:
        raise ExportError(f"the activation {name} cannot be exported; add it to FUNCTIONS in {__name__}")
    return FUNCTIONS[name]
