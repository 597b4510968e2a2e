"""The format `onnx`: a model that reads uint8 images and returns class probabilities."""

from pathlib import Path
from typing import Any

import numpy as np

from nncli import __version__
from nncli.export.functions import function
from nncli.export.plan import Activation, Affine, BatchNorm, Concatenate, Images, Operation, Plan
from nncli.extras import require

OPSET = 20  # the first with Gelu
IR_VERSION = 9


def files(plan: Plan, _path: Path) -> dict[str, bytes]:
    """Return the contents of the file, by suffix.

    Raises:
        MissingExtraError: onnx is not installed.
    """
    model = _Model(require("onnx", "onnx"))
    model.add_inputs(plan.images)
    for operation in plan.operations:
        model.add(operation)
    model.add_reading(plan.output, plan.reading)
    return {".onnx": model.finished(plan)}


class _Model:
    """The nodes and constants of an ONNX graph that grows; `n` is the number of images."""

    def __init__(self, onnx: Any) -> None:  # noqa: ANN401 - a module
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's
        """Add a node and return the name of its value."""
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: Any, dtype: Any = np.float32) -> str:  # noqa: ANN401 - an array, and its type
        """Add a constant and return its name."""
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def add_inputs(self, images: Images) -> None:
        """Add the value `input`, (n, pixels), of the images."""
        x = self.node("Cast", ["images"], "images.float", to=self.onnx.TensorProto.FLOAT)
        if images.deskew:
            x = self.deskewed(x, images.shape)
        if any(images.margins):
            top, left, bottom, right = images.margins
            margins = self.constant("images.margins", [0, top, left, 0, bottom, right], np.int64)
            x = self.node("Pad", [x, margins], "images.framed")
        x = self.node("Flatten", [x], "images.flat")
        x = self.node("Mul", [x, self.constant("images.factor", images.factor)], "images.scaled")
        self.node("Sub", [x, self.constant("images.shift", images.shift)], "input")

    def deskewed(self, images: str, shape: tuple[int, int]) -> str:
        """Add images (n, rows, columns), sheared as by `nncli.data.preparation.deskewed`, and return their name."""
        count = 0

        def do(operator: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's
            nonlocal count
            count += 1
            return self.node(operator, list(inputs), f"deskewing.{count}", **attributes)

        def total(values: str) -> str:
            return do("ReduceSum", values, axes)

        axes = self.constant("deskewing.axes", [1, 2], np.int64)
        rows = self.constant("deskewing.rows", np.arange(shape[0])[:, np.newaxis])
        columns = self.constant("deskewing.columns", np.arange(shape[1]))
        one, smallest = self.constant("deskewing.one", 1), self.constant("deskewing.smallest", 1e-6)
        mass = do("Max", total(images), one)
        dy, dx = (do("Sub", each, do("Div", total(do("Mul", images, each)), mass)) for each in (rows, columns))
        weighted = do("Mul", images, dy)
        covariance, variance = (total(do("Mul", weighted, each)) for each in (dx, dy))
        shift = do("Mul", do("Div", covariance, do("Max", variance, smallest)), dy)
        limits = self.constant("deskewing.low", -1), self.constant("deskewing.high", shape[1])
        at = do("Add", do("Clip", do("Add", columns, shift), *limits), one)
        left = do("Floor", at)
        margins = self.constant("deskewing.margins", [0, 0, 1, 0, 0, 2], np.int64)
        padded, index = do("Pad", images, margins), do("Cast", left, to=self.onnx.TensorProto.INT64)
        first = do("GatherElements", padded, index, axis=2)
        step = self.constant("deskewing.step", 1, np.int64)
        second = do("GatherElements", padded, do("Add", index, step), axis=2)
        return do("Round", do("Add", first, do("Mul", do("Sub", at, left), do("Sub", second, first))))

    def add(self, operation: Operation) -> None:
        """Add the value of an operation, (n, units)."""
        inputs, name = list(operation.inputs), operation.name
        arrays = [self.constant(each, array) for each, array in operation.arrays.items()]
        match operation:
            case Concatenate():
                self.node("Concat", inputs, name, axis=1)
            case Affine():
                self.node("Gemm", [*inputs, *arrays], name, transB=1)
            case BatchNorm():
                self.node("BatchNormalization", [*inputs, *arrays], name, epsilon=operation.epsilon)
            case Activation():
                self.chain(inputs[0], function(operation.function).onnx, name)

    def chain(self, x: str, operators: tuple[str, ...], name: str) -> None:
        """Add operators, each of which reads the value of the one before."""
        *before, last = operators or ("Identity",)
        for i, operator in enumerate(before):
            x = self.node(operator, [x], f"{name}.{i}")
        self.node(last, [x], name)

    def add_reading(self, y: str, reading: str) -> None:
        """Add the probabilities, (n, classes)."""
        if reading == "clip":
            low, high = self.constant("lowest", 1e-12), self.constant("highest", 1)
            y = self.node("Clip", [y, low, high], "clipped")
            axis = self.constant("classes", [1], np.int64)
            self.node("Div", [y, self.node("ReduceSum", [y, axis], "sum")], "probabilities")
            return
        if reading == "logistic":  # log σ(y) = -log(1 + e⁻ʸ)
            self.chain(y, ("Neg", "Softplus", "Neg"), "log")
            y = "log"
        self.node("Softmax", [y], "probabilities", axis=1)

    def finished(self, plan: Plan) -> bytes:
        """Return the model, checked by ONNX's checker."""
        onnx, helper = self.onnx, self.onnx.helper
        images = helper.make_tensor_value_info("images", onnx.TensorProto.UINT8, ["n", *plan.images.shape])
        classes = plan.operations[-1].units
        probabilities = helper.make_tensor_value_info("probabilities", onnx.TensorProto.FLOAT, ["n", classes])
        graph = helper.make_graph(self.nodes, "network", [images], [probabilities], self.constants)
        model = helper.make_model(
            graph,
            producer_name="nncli",
            producer_version=__version__,
            doc_string=plan.title,
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        return content
