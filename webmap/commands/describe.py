"""`describe`: the data model as a document, for docs/data-model.md."""

import click

from assets.registry import METADATA
from gis.describe import data_model


@click.command("describe", help="help.describe")
def command() -> None:
    """Print the data model as Markdown."""
    click.echo(data_model(METADATA), nl=False)
