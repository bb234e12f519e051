"""Which onemap this is, installed from a wheel or run from a checkout."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def onemap_version() -> str:
    """The version, such as `0.1.0`."""
    try:
        return version("onemap")
    except PackageNotFoundError:
        pyproject = Path(__file__).resolve().parent.parent / "pyproject.toml"
        stated: str = tomllib.loads(pyproject.read_text("utf-8"))["project"]["version"]
        return stated
