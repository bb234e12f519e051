"""How a command speaks: progress on stderr, the answer on stdout, in the operator's language."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import click

from gis.i18n import translate
from gis.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])

_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Controls but tabs and ends of lines, and the marks that turn the order of letters around: names
of layers and columns come out of strangers' files."""


def _spelled(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


@dataclass(frozen=True)
class Console:
    """What every command is given."""

    settings: Settings

    def text(self, key: str, /, **params: Any) -> str:
        """A message in the operator's language."""
        return translate(self.settings.language, key, **params)

    def say(self, key: str, /, **params: Any) -> None:
        """Progress, a warning, an explanation: one line on stderr."""
        click.echo(self.as_given(self.text(key, **params)), err=True)

    def answer(
        self, values: Mapping[str, Any], *, as_json: bool, lines: Iterable[str] = ()
    ) -> None:
        """The command's answer, the last thing it says.

        Args:
            values: For programs, one line of JSON.
            as_json: Which of the two is wanted.
            lines: For people.
        """
        if as_json:
            click.echo(self.as_given(json.dumps(values, ensure_ascii=False, default=str)))
            return
        for line in lines:
            click.echo(self.as_given(line))

    def as_given(self, text: str) -> str:
        """Fit for a terminal, with paths as the person wrote them where the launcher put others."""
        text = _COMMANDS.sub(_spelled, text)
        for staged, given in self.settings.shown_paths:
            text = text.replace(staged, given)
        return text


pass_console = click.make_pass_decorator(Console)


def json_option(function: Function) -> Function:
    """The `--json` that every answering command has, as `as_json`."""
    option = click.option("--json", "as_json", is_flag=True, help="help.json")
    return option(function)
