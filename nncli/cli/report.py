"""`nncli report`: write an HTML page about a run, in which its network can be tried out."""

from pathlib import Path

import click

from nncli.cli.boundary import on_one_line
from nncli.cli.console import progress, status
from nncli.cli.loading import data_dir_of_run, load_by_name
from nncli.cli.options import OutputFile, checkpoint_options, data_options
from nncli.runs.folder import Which
from nncli.runs.trained import open_trained


@click.command()
@checkpoint_options
@click.option(
    "--output",
    type=OutputFile(".html", ".htm"),
    help="HTML file to write; defaults to report.html in the run folder or next to the checkpoint file.",
)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@data_options
def command(run: Path, which: Which, output: Path | None, show: bool, data_dir: Path | None, offline: bool) -> None:
    """The page is one file that needs no network and no server. Draw a digit on it, and the network recognizes it.

    Example:
      nncli report runs/mlp
      nncli report runs/mlp --output mlp.html --open
    """
    from nncli import durable
    from nncli.report.findings import gather
    from nncli.report.page import render

    console = progress()
    path, trained = open_trained(run, which)
    folder = data_dir_of_run(trained.config.data.dir, data_dir)
    data = load_by_name(trained.inputs.dataset, "test", folder, offline=offline, console=console)
    output = output or (run if run.is_dir() else path.parent) / "report.html"
    with status(console, "writing the report"):
        durable.write(output, [render(gather(run, path, trained, data)).encode()])
    click.echo(on_one_line(output))
    if show:
        click.launch(str(output))
