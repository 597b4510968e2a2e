"""The format `c`: a header with the arrays and a function `predict`, for C99 and C++."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from nncli.export.code import fields, identifiers
from nncli.export.functions import function
from nncli.export.plan import Activation, Affine, BatchNorm, Concatenate, Floats, Images, Operation, Plan

_HEADER = """\
/* {title}; written by nncli export.

   int digit = predict(image, probabilities);

   image: {rows}x{columns} bytes, row by row; 0 is background, 255 is ink; centred as in MNIST.
   probabilities: one for each of the {units} classes. Compile as C99 or C++, and link with -lm. */

#ifndef {guard}
#define {guard}

#include <math.h>
#include <string.h>

{arrays}{deskewing}
static inline void nncli_affine(const float *weights, const float *bias, const float *x, int inputs,
                                float *z, int units)
{{
    for (int i = 0; i < units; i++) {{
        double sum = bias[i];
        for (int j = 0; j < inputs; j++)
            sum += (double)weights[(size_t)i * inputs + j] * x[j];
        z[i] = (float)sum;
    }}
}}

static inline void nncli_softmax(const float *y, float *p, int classes)
{{
    float largest = y[0], sum = 0;
    for (int i = 1; i < classes; i++)
        largest = y[i] > largest ? y[i] : largest;
    for (int i = 0; i < classes; i++)
        sum += p[i] = expf(y[i] - largest);
    for (int i = 0; i < classes; i++)
        p[i] /= sum;
}}

/* Return the most probable class. */
static inline int predict(const unsigned char image[{size}], float probabilities[{units}])
{{
    float {buffers};
{statements}
    int best = 0;
    for (int i = 1; i < {units}; i++)
        best = probabilities[i] > probabilities[best] ? i : best;
    return best;
}}

#endif
"""
_DESKEWING = """
/* Shear an image along its rows until the covariance of row and column is 0. */
static inline void nncli_deskew(const unsigned char *image, unsigned char *upright)
{{
    float mass = 0, y = 0, x = 0, covariance = 0, variance = 0;
    for (int i = 0; i < {size}; i++) {{
        mass += image[i];
        y += (float)image[i] * (float)(i / {columns});
        x += (float)image[i] * (float)(i % {columns});
    }}
    mass = mass < 1 ? 1 : mass;
    y /= mass;
    x /= mass;
    for (int i = 0; i < {size}; i++) {{
        float dy = (float)(i / {columns}) - y, dx = (float)(i % {columns}) - x;
        covariance += image[i] * dx * dy;
        variance += image[i] * dy * dy;
    }}
    for (int i = 0; i < {size}; i++) {{
        const unsigned char *row = image + i / {columns} * {columns};
        float slope = covariance / (variance < 1e-6f ? 1e-6f : variance);
        float at = (float)(i % {columns}) + slope * ((float)(i / {columns}) - y);
        at = (at < -1 ? -1 : at > {columns} ? {columns} : at) + 1;
        int left = (int)at - 1;
        float first = left >= 0 && left < {columns} ? row[left] : 0;
        float second = left + 1 < {columns} ? row[left + 1] : 0;
        upright[i] = (unsigned char)rintf(first + (at - (float)(left + 1)) * (second - first));
    }}
}}
"""
_READINGS = {
    "softmax": "nncli_softmax({y}, probabilities, {units});",
    "logistic": """\
for (int i = 0; i < {units}; i++)
    {y}[i] = ({y}[i] < 0 ? {y}[i] : 0) - log1pf(expf(-fabsf({y}[i])));
nncli_softmax({y}, probabilities, {units});""",
    "clip": """\
float sum = 0;
for (int i = 0; i < {units}; i++)
    sum += probabilities[i] = {y}[i] < 1e-12f ? 1e-12f : {y}[i] > 1 ? 1 : {y}[i];
for (int i = 0; i < {units}; i++)
    probabilities[i] /= sum;""",
}
_UPRIGHT = "unsigned char upright[{size}];\nnncli_deskew(image, upright);\n"
_INPUTS = """\
for (int i = 0; i < {pixels}; i++)
    x[i] = -{shift};
for (int row = 0; row < {rows}; row++)
    for (int column = 0; column < {columns}; column++)
        x[(row + {top}) * {width} + column + {left}] = {factor} * {source}[row * {columns} + column] - {shift};"""


def files(plan: Plan, path: Path) -> dict[str, bytes]:
    """Return the contents of the file, by suffix."""
    names, images = identifiers(plan), plan.images
    rows, columns = images.shape
    units = plan.operations[-1].units
    values = {"x": images.pixels} | {names[each.name]: each.units for each in plan.operations}
    steps = [
        _inputs(images),
        *(_statement(each, names) for each in plan.operations),
        _READINGS[plan.reading].format(y=names[plan.output], units=units),
    ]
    text = _HEADER.format(
        **fields(plan, path),
        guard=re.sub(r"[^A-Z0-9]", "_", f"NNCLI_{path.stem}_H".upper()),
        size=rows * columns,
        deskewing=_DESKEWING.format(size=rows * columns, columns=columns) if images.deskew else "",
        arrays="\n".join(_array(names[name], array) for name, array in _arrays(plan.operations)),
        buffers=", ".join(f"{name}[{size}]" for name, size in values.items()),
        statements="\n".join(re.sub("^", "    ", step, flags=re.MULTILINE) for step in steps),
    )
    return {".h": text.encode()}


def _arrays(operations: Iterable[Operation]) -> Iterator[tuple[str, Floats]]:
    """Yield the arrays by name; those of batch normalization as the slope and the offset, under γ's and β's names."""
    for operation in operations:
        arrays = operation.slope_and_offset if isinstance(operation, BatchNorm) else operation.arrays.values()
        yield from zip(operation.arrays, arrays, strict=False)


def _array(name: str, array: Floats) -> str:
    numbers = ", ".join(_number(each) for each in array.ravel().tolist())
    return f"static const float {name}[{array.size}] = {{{numbers}}};\n"


def _number(value: float) -> str:
    """Return a literal of type float that is exact for a float32."""
    digits = f"{value:.9g}"
    return f"{digits}f" if "." in digits or "e" in digits else f"{digits}.0f"


def _inputs(images: Images) -> str:
    top, left, _, _ = images.margins
    rows, columns = images.shape
    deskewing = _UPRIGHT.format(size=rows * columns) if images.deskew else ""
    return deskewing + _INPUTS.format(
        source="upright" if images.deskew else "image",
        pixels=images.pixels,
        rows=rows,
        columns=columns,
        top=top,
        left=left,
        width=images.frame[1],
        factor=_number(images.factor),
        shift=_number(images.shift),
    )


def _statement(operation: Operation, names: dict[str, str]) -> str:
    """Return the statements that compute an operation's value."""
    y, values = names[operation.name], [names[each] for each in operation.inputs]
    x, arrays = values[0], [names[each] for each in operation.arrays]
    loop = f"for (int i = 0; i < {operation.units}; i++)\n    {y}[i] = "
    match operation:
        case Affine():
            weights, _ = operation.arrays.values()
            return f"nncli_affine({arrays[0]}, {arrays[1]}, {x}, {weights.shape[1]}, {y}, {operation.units});"
        case BatchNorm():
            slope, offset, *_ = arrays
            return f"{loop}{slope}[i] * {x}[i] + {offset}[i];"
        case Activation():
            return f"{loop}{function(operation.function).of('c', f'{x}[i]')};"
        case Concatenate():
            return _copies(y, values)
    raise AssertionError(operation)


def _copies(target: str, values: list[str]) -> str:
    """Return the statements that copy arrays into one, one after the other."""
    lines, before = [], ""
    for value in values:
        lines.append(f"memcpy({target}{before}, {value}, sizeof {value});")
        before += f" + sizeof {value} / sizeof(float)"
    return "\n".join(lines)
