"""What the formats with source code share: identifiers, numbers and the fields of their modules."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from nncli.export.plan import Plan


def identifiers(plan: Plan) -> dict[str, str]:
    """Return an identifier for each value and array, such as hidden1_z for `hidden1.z`; the input is x."""
    names: Iterable[str] = [*(operation.name for operation in plan.operations), *plan.arrays]
    chosen = {"input": "x"}
    for name in names:
        identifier = re.sub(r"\W", "_", name)
        while identifier in chosen.values():  # the layers a-b and a_b
            identifier += "_"
        chosen[name] = identifier
    return chosen


def module_name(path: Path) -> str:
    """Return the name of the Python module beside a file."""
    return re.sub(r"\W|^(?=\d)", "_", path.stem)


def number(value: float) -> str:
    """Return the shortest literal that is this number in float32."""
    return str(np.float32(value))


def fields(plan: Plan, path: Path) -> dict[str, object]:
    """Return facts about a network and its file, by their names in the templates of source code."""
    rows, columns = plan.images.shape
    return {
        "title": plan.title,
        "module": module_name(path),
        "file": path.name,
        "images": f"uint8 (n, {rows}, {columns}), 0 background, 255 ink, centred as in MNIST",
        "rows": rows,
        "columns": columns,
        "factor": number(plan.images.factor),
        "shift": number(plan.images.shift),
        "output": identifiers(plan)[plan.output],
        "units": plan.operations[-1].units,
    }
