"""Build hook: a wheel carries the browser libraries, so installing it needs no Node."""

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_PATH = Path(__file__).parent / "webmap" / "vendor.py"


class BrowserLibraries(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Fill `webmap/static/vendor` before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build for a real wheel; an editable install leaves it to the launcher."""
        if self.target_name != "wheel" or version == "editable":
            return
        # Loaded by path: importing the package would need Flask, which a build does not have.
        spec = importlib.util.spec_from_file_location("vendor", _PATH)
        if spec is None or spec.loader is None:
            raise ImportError(str(_PATH))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.build()
