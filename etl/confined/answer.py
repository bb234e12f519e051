"""What the confined process hands back: one Arrow stream per table, and one JSON text."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

ANSWER_FILE: Final = "answer.json"
WKB_COLUMN: Final = "onemap:wkb"
"""Column of the geometry in a layer's table; no format lets a file name a column so."""


@dataclass(frozen=True)
class Note:
    """Something a person should know about how a file was read; it keeps no row out.

    Args:
        rule: Rule id, also the key of its sentence.
        sheet: Sheet or layer; null when the whole file is meant.
        row: Row as a person counts it; null when no single row is meant.
        column: Column letter or header; null when no single column is meant.
        original: What stood there.
        suggestion: What was taken instead.
    """

    rule: str
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    original: str | None = None
    suggestion: str | None = None


@dataclass
class Answer:
    """The answer as it grows.

    Args:
        folder: Where the tables go; private to this reading.
        format: What the content is.
        sha256: Hash of the bytes.
    """

    folder: Path
    format: str
    sha256: str
    grids: list[dict[str, Any]] = field(default_factory=list)
    layers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    """What a file says of itself as a whole; plain JSON."""
    tables: int = 0

    def write_table(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> str:
        """Writes a table as it comes and gives the name of its file."""
        name = f"{self.tables}.arrow"
        self.tables += 1
        with pa.ipc.new_stream(self.folder / name, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        return name

    def save(self) -> None:
        """Writes the JSON that says what the tables are."""
        content = {
            "format": self.format,
            "sha256": self.sha256,
            "grids": self.grids,
            "layers": self.layers,
            "notes": [asdict(note) for note in self.notes],
            "facts": self.facts,
        }
        (self.folder / ANSWER_FILE).write_text(json.dumps(content), encoding="utf-8")


def save_refusal(folder: Path, key: str, params: dict[str, Any]) -> None:
    """Writes that the file was refused, and why."""
    content = {"refused": key, "params": params}
    (folder / ANSWER_FILE).write_text(json.dumps(content), encoding="utf-8")
