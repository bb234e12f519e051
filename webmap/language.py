"""Which language a reader sees, and the messages the browser's scripts need."""

from collections.abc import Mapping
from typing import Final

from flask import current_app, g, request

from gis.i18n import LANGUAGES, catalogue, translate

COOKIE: Final = "onemap_language"
SCRIPT_PREFIX: Final = "page."
"""Messages with this prefix are sent to the browser."""


def language() -> str:
    """The reader's choice, else the server's setting."""
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        g.language = chosen if chosen in LANGUAGES else current_app.config["LANGUAGE"]
    return str(g.language)


def say(key: str, /, **params: object) -> str:
    """A message in the reader's language; the templates' one way to speak."""
    return translate(language(), key, **params)


def script_messages(
    code: str, prefix: str = SCRIPT_PREFIX, *, keep: bool = False
) -> Mapping[str, str]:
    """What the scripts may say.

    Args:
        code: Language.
        prefix: Which messages.
        keep: Their keys stay whole; else they are without the prefix.
    """
    return {
        key if keep else key.removeprefix(prefix): text
        for key, text in catalogue(code).items()
        if key.startswith(prefix)
    }
