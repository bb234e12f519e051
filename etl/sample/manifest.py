"""What a written sample city holds, for who loads it; light, so that a start need not wait."""

import json
from pathlib import Path
from typing import Final

MANIFEST: Final = "manifest.json"


def files_of(directory: Path) -> list[Path]:
    """The city's files in load order; people in its rooms and cards of its places come last."""
    manifest = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    paths = [table["path"] for table in manifest["tables"]]
    # A city written before these files were has none.
    paths += [*manifest.get("people", ()), *manifest.get("compared", ())]
    return list(dict.fromkeys(directory / path for path in paths))
