"""What a benchmark answers."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """What a benchmark is given by the command."""

    state_dir: Path
    say: Callable[..., None]
    """Progress: a message key and its parameters."""
    is_large: bool = False
    """Whether sizes that take many minutes are measured too."""
    rounds: int | None = None
    """How often it is done, where a benchmark can be told; null: its own number."""
    clients: int | None = None
    """How many ask or write at once; null: its own number."""
    seconds: int | None = None
    """How long, where a benchmark goes by the clock; null: its own number."""


@dataclass(frozen=True)
class Figures:
    """Named figures, and what stands beside them for people."""

    values: dict[str, float]
    beside: dict[str, str] = field(default_factory=dict)
    """Absolute values by name; they say how quick this machine was, nothing else."""
    not_measured: dict[str, str] = field(default_factory=dict)
    """Figures that this run leaves out, with the message key of why."""


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios of pairs that were measured one right after the other."""
    pairs = zip(ours, theirs, strict=True)
    return round(statistics.median(mine / other for mine, other in pairs), 2)
