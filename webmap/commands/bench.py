"""`onemap bench`: measure this machine against peers and floors."""

import importlib
from collections.abc import Mapping
from typing import Any, Final

import click

from gis.errors import ConfigError
from webmap.console import Console, json_option, pass_console

BENCHES: Final = (
    "area", "etl-quality", "kills", "load", "matching", "mixed", "page", "redeployment", "search",
    "start", "tiles", "verdicts",
)  # fmt: skip


@click.command("bench", help="help.bench")
@click.argument("name", required=False, type=click.Choice(BENCHES))
@click.option("--large", is_flag=True, help="help.bench.large")
@click.option("--rounds", type=click.IntRange(1), help="help.bench.rounds")
@click.option("--clients", type=click.IntRange(1), help="help.bench.clients")
@click.option("--seconds", type=click.IntRange(1), help="help.bench.seconds")
@json_option
@pass_console
def command(console: Console, /, *, name: str | None, as_json: bool, **asked: Any) -> None:
    """Runs in a database of its own; with no name, every benchmark in turn.

    A figure that this run leaves out is null, and `not_measured` says why.
    """
    figures: dict[str, Any] = {}
    left_out: dict[str, Any] = {}
    lines: list[str] = []
    for each in [name] if name else BENCHES:
        found = _measure(console, each, asked)
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


def _measure(console: Console, name: str, asked: Mapping[str, Any]) -> Any:
    try:
        # Beside the packages in a checkout, and in no wheel.
        result = importlib.import_module("bench.result")
        measured = importlib.import_module(f"bench.{name.replace('-', '_')}")
    except ModuleNotFoundError as missing:
        raise ConfigError("bench.not_here", module=missing.name) from missing
    is_large, more = asked["large"], {one: asked[one] for one in ("rounds", "clients", "seconds")}
    context = result.Context(console.settings.state_dir, console.say, is_large, **more)
    return measured.run(context)
