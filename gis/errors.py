"""Errors by what the person can do about them.

Every error carries a message key and its parameters, never a finished sentence: the edge (web or
command line) renders it in the reader's language from the translation catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Phrase:
    """Part of a sentence that is itself in the catalogue; a parameter of a message may be one.

    Args:
        key: Message key.
        params: Values the phrase names; may be phrases themselves.
    """

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


def packed(value: Any) -> Any:
    """A parameter of a message as JSON keeps it; `unpacked` turns it back."""
    if isinstance(value, Phrase):
        return {"phrase": value.key, "params": {k: packed(v) for k, v in value.params.items()}}
    if isinstance(value, tuple):
        return [packed(one) for one in value]
    return value if value is None or isinstance(value, (int, float)) else str(value)


def unpacked(value: Any) -> Any:
    """What `packed` was given."""
    if isinstance(value, dict):
        return Phrase(value["phrase"], {k: unpacked(v) for k, v in value["params"].items()})
    return tuple(unpacked(one) for one in value) if isinstance(value, list) else value


class OneMapError(Exception):
    """Base of every error whose message is meant for the person, not for a log.

    Args:
        key: Message key in the translation catalogue, such as `load.no_header`.
        params: Values the message names: what is wrong, where, what to do.
    """

    def __init__(self, key: str, /, **params: Any) -> None:
        super().__init__(key, params)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.key}({shown})"


class InputError(OneMapError):
    """The person gave something that cannot be used; nothing was changed."""


class NotFound(OneMapError):
    """There is no such thing, or the person may not know that there is."""


class Conflict(OneMapError):
    """The request contradicts what stands in the register now."""


class Forbidden(OneMapError):
    """The person may not do this."""


class SourceError(InputError):
    """A supplied file breaks its promise; says where.

    Args:
        key: Message key.
        file: File name as the person knows it.
        sheet: Sheet or layer; null when the file has none.
        row: Row as the person counts it (the first row is 1); null when it is not about a row.
        column: Header of the column; null when it is not about a column.
    """

    def __init__(
        self,
        key: str,
        *,
        file: str,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        **params: Any,
    ) -> None:
        super().__init__(key, file=file, sheet=sheet, row=row, column=column, **params)


class ConfigError(OneMapError):
    """The machine or its configuration is not as onemap needs it; an operator can mend it."""
