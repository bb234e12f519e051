"""The translation catalogue: Chinese first, English complete.

Catalogues are gettext `.po` files beside the code that speaks (`<package>/**/locale/zh.po` and
`en.po`); message ids are keys such as `load.no_header`, so no sentence stands inline in code.
"""

import functools
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po

from gis.errors import OneMapError, Phrase

LANGUAGES: Final = ("zh", "en")
_PACKAGES: Final = ("gis", "assets", "etl", "webmap")


def catalogue_files(language: str) -> list[Path]:
    """Every `.po` file of a language in the four packages, ordered by path."""
    found: list[Path] = []
    for package in _PACKAGES:
        root = resources.files(package)
        found += sorted(Path(str(root)).rglob(f"locale/{language}.po"))
    return found


@functools.cache
def catalogue(language: str) -> Mapping[str, str]:
    """All messages of a language by key; untranslated entries are left out."""
    messages: dict[str, str] = {}
    for path in catalogue_files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    messages[str(message.id)] = str(message.string)
    return messages


def translate(language: str, key: str, /, **params: Any) -> str:
    """The message of a key with its parameters filled in.

    A key without a message comes back as itself, so a gap shows and never breaks a page; a test
    proves that there are none. A parameter that is null or missing is left out with its braces; a
    phrase is rendered, and several in a tuple follow one another as the language separates them.
    """
    text = catalogue(language).get(key) or catalogue("en").get(key) or key
    return re.sub(r"\{(\w+)\}", lambda match: _shown(language, params.get(match[1])), text)


def _shown(language: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Phrase):
        return translate(language, value.key, **value.params)
    if isinstance(value, tuple):
        separator = translate(language, "list.separator")
        return separator.join(_shown(language, one) for one in value)
    return str(value)


def explain(language: str, error: OneMapError) -> str:
    """The sentence a person reads for an error, with file, sheet, row and column where known."""
    text = translate(language, error.key, **error.params)
    spots = [
        translate(language, f"where.{name}", value=error.params[name])
        for name in ("file", "sheet", "row", "column")
        if error.params.get(name) is not None
    ]
    if not spots:
        return text
    where = translate(language, "where.separator").join(spots)
    return f"{where}{translate(language, 'where.colon')}{text}"
