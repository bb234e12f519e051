"""The settings that pages which take in or give out files go by."""

from typing import Any, Final

from flask import current_app

from gis.settings import Settings

EXTENSION: Final = "onemap_settings"


def use_settings(app: Any, settings: Settings) -> None:
    """Let files go to this state folder, up to this size."""
    app.extensions[EXTENSION] = settings


def kept_settings() -> Settings:
    """The settings of the application that answers."""
    settings: Settings = current_app.extensions[EXTENSION]
    return settings
