"""The page of a report: a template, a style sheet and scripts, in one file that needs nothing else."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nncli import __version__
from nncli.build import Trained
from nncli.config.load import to_yaml
from nncli.evaluation.metrics import wilson_interval
from nncli.report import payload
from nncli.report.diagram import diagram
from nncli.report.findings import Findings
from nncli.runs.manifest import Manifest

SCRIPTS = (
    "unpack",
    "paint",
    "charts",
    "gallery",
    "features",
    "network",
    "framing",
    "board",
    "recognizer",
    "shell",
    "page",
)
"""The scripts in the order in which the page runs them; a script may use those before it."""

SECTIONS = (
    ("draw", "Draw a digit"),
    ("results", "Results"),
    ("worst", "Misclassified"),
    ("training", "Training"),
    ("features", "Features"),
    ("network", "Network"),
    ("configuration", "Configuration"),
)
"""The anchors and titles of the page's sections."""


def render(findings: Findings) -> str:
    """Return the HTML document of a report."""
    return document(
        "report.html", SCRIPTS, values=payload.values(findings), arrays=payload.arrays(findings), **_facts(findings)
    )


def document(template: str, scripts: Sequence[str], **facts: Any) -> str:  # noqa: ANN401 - what the template shows
    """Return an HTML document from a template.

    Nothing in it can run but its own scripts, and it cannot connect to anything: its Content-Security-Policy names the
    hashes of the style sheet and of the scripts.
    """
    environment = Environment(
        loader=PackageLoader("nncli.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": "{:.2%}".format, "count": "{:,}".format}
    style = _source("report.css")
    script = '"use strict";\n' + "".join(_source(f"scripts/{name}.js") for name in scripts)
    policy = [
        "default-src 'none'",
        "img-src data:",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    found: str = environment.get_template(template).render(
        policy="; ".join(policy), style=style, script=script, version=__version__, **facts
    )
    return found


def _source(name: str) -> str:
    return files("nncli.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _facts(findings: Findings) -> dict[str, Any]:
    """Return what the template shows as text."""
    trained, summary = findings.trained, findings.tested.summary
    return {
        "findings": findings,
        "config": trained.config,
        "summary": summary,
        "classes": [
            (scores, wilson_interval(int(summary.confusion[scores.label, scores.label]), max(1, scores.support)))
            for scores in summary.per_class
        ],
        "architecture": "-".join(map(str, [trained.network.input_units, *(each.shape[0] for each in findings.layers)])),
        "parameters": sum(layer.parameters for layer in findings.layers),
        "diagram": diagram(trained.network, trained.inputs.shape),
        "yaml": to_yaml(trained.config),
        "misclassified": round(summary.error * summary.examples),
        "sections": SECTIONS,
        "seen": _seen(trained),
        "manifest": _manifest(findings.manifest) if findings.manifest else None,
    }


def _seen(trained: Trained) -> str:
    """Describe the image that the network reads."""
    rows, columns = trained.inputs.shape
    steps = ["the digit is scaled to 20x20 pixels and centred by its centre of mass"]
    steps += ["sheared until it is upright"] * trained.config.data.deskew
    steps += ["and its pixels are standardized" if trained.config.data.scale == "standardize" else ""]
    return f"{rows}x{columns} pixels, as nncli predict frames them: {', '.join(filter(None, steps))}."


def _manifest(manifest: Manifest) -> list[tuple[str, str]]:
    """Return the facts of a manifest as names and values."""
    environment, blas = manifest.environment, manifest.environment.blas
    facts = [
        ("Status", manifest.status),
        ("Command", " ".join(manifest.command)),
        ("Started", f"{manifest.started:%Y-%m-%d %H:%M} UTC"),
        ("Finished", f"{manifest.finished:%Y-%m-%d %H:%M} UTC" if manifest.finished else "not yet"),
        ("Time", f"{manifest.seconds:,.1f} s"),
        ("Seed", str(manifest.seed)),
        ("Software", f"nncli {environment.nncli}, NumPy {environment.numpy}, Python {environment.python}"),
        (
            "BLAS",
            f"{blas.name} {blas.version or ''} {blas.architecture or ''}, threads: {blas.threads}" if blas else "",
        ),
        ("Platform", environment.platform),
        ("Data", manifest.data.name + (" (the fallback)" if manifest.data.fallback else "")),
    ]
    return facts + [(f"SHA-256 of {name}", digest) for name, digest in manifest.data.sha256.items()]
