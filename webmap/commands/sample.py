"""`onemap sample DIR`: write the files a sample city hands in."""

from dataclasses import asdict
from pathlib import Path

import click

from etl.sample.quantities import SEED
from etl.sample.write import write_city
from webmap.console import Console, json_option, pass_console

_LINES = ("sample.written", "sample.figures", "sample.areas", "sample.energy")


@click.command("sample", help="help.sample")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--scale", type=float, default=1.0, show_default=True, help="help.sample.scale")
@click.option("--seed", type=int, default=SEED, show_default=True, help="help.sample.seed")
@json_option
@pass_console
def command(console: Console, directory: Path, *, scale: float, seed: int, as_json: bool) -> None:
    """Writes into a folder of the person's choice; needs no database."""

    def progress(step: str, share: float) -> None:
        console.say("sample.progress", step=console.text(step), percent=round(share * 100))

    summary = asdict(write_city(directory, scale=scale, seed=seed, progress=progress))
    console.answer(
        summary, as_json=as_json, lines=[console.text(line, **summary) for line in _LINES]
    )
