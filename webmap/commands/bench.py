"""`onemap bench`: measure this machine against peers and floors."""

import importlib
from typing import Any, Final

import click

from gis.errors import ConfigError
from webmap.console import Console, json_option, pass_console

BENCHES: Final = ("area", "etl-quality", "load", "matching", "page", "search", "start", "tiles")


@click.command("bench", help="help.bench")
@click.argument("name", required=False, type=click.Choice(BENCHES))
@click.option("--large", is_flag=True, help="help.bench.large")
@json_option
@pass_console
def command(console: Console, *, name: str | None, large: bool, as_json: bool) -> None:
    """Runs in a database of its own; with no name, every benchmark in turn.

    A figure that this run leaves out is null, and `not_measured` says why.
    """
    figures: dict[str, Any] = {}
    left_out: dict[str, Any] = {}
    lines: list[str] = []
    for each in [name] if name else BENCHES:
        found = _measure(console, each, is_large=large)
        # Named all the same: a figure that is missing would look like one that nobody promised.
        figures[each] = found.values | dict.fromkeys(found.not_measured)
        left_out[each] = {name: console.text(key) for name, key in found.not_measured.items()}
        lines += [f"{each}: {figure} {value}" for figure, value in found.values.items()]
        lines += [f"{each}: {figure} – {why}" for figure, why in left_out[each].items()]
        lines += [f"{each}: ({what}) {value}" for what, value in found.beside.items()]
    answer = {
        "bench": name or "all",
        "figures": figures[name] if name else figures,
        "not_measured": left_out[name] if name else left_out,
    }
    console.answer(answer, as_json=as_json, lines=lines)


def _measure(console: Console, name: str, *, is_large: bool) -> Any:
    try:
        # Beside the packages in a checkout, and in no wheel.
        result = importlib.import_module("bench.result")
        measured = importlib.import_module(f"bench.{name.replace('-', '_')}")
    except ModuleNotFoundError as missing:
        raise ConfigError("bench.not_here", module=missing.name) from missing
    context = result.Context(console.settings.state_dir, console.say, is_large)
    return measured.run(context)
