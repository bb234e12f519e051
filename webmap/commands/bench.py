"""`onemap bench`: measure this machine against peers and floors."""

import importlib
from typing import Any, Final

import click

from gis.errors import ConfigError
from webmap.console import Console, json_option, pass_console

BENCHES: Final = ("area", "etl-quality", "load", "matching", "page", "search", "tiles")


@click.command("bench", help="help.bench")
@click.argument("name", required=False, type=click.Choice(BENCHES))
@click.option("--large", is_flag=True, help="help.bench.large")
@json_option
@pass_console
def command(console: Console, *, name: str | None, large: bool, as_json: bool) -> None:
    """Runs in a database of its own; with no name, every benchmark in turn."""
    figures: dict[str, Any] = {}
    lines: list[str] = []
    for each in [name] if name else BENCHES:
        found = _measure(console, each, is_large=large)
        figures[each] = found.values
        lines += [f"{each}: {figure} {value}" for figure, value in found.values.items()]
        lines += [f"{each}: ({what}) {value}" for what, value in found.beside.items()]
    answer = {"bench": name or "all", "figures": figures[name] if name else figures}
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
