"""Counting what was found against what was planted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.clerks.page import Planted
from bench.quality.kinds import KIND_BY_NAME, KIND_OF_RULE, Kind


@dataclass(frozen=True)
class Found:
    """What the loader said: `row` 0 speaks of the whole sheet."""

    file: str
    sheet: str | None
    row: int
    column: str | None
    rule: str
    other_row: int | None = None
    """The second of two rows that do not go together; the mistake may be in either."""


@dataclass
class Tally:
    """Counts by kind of mistake, added up over files and cities."""

    planted: Counter[str] = field(default_factory=Counter)
    reported: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: list[Planted] = field(default_factory=list)
    false: list[Found] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for name in ("planted", "reported", "right", "wrong"):
            getattr(self, name).update(getattr(other, name))
        self.missed += other.missed
        self.false += other.false

    def recall(self, kinds: Iterable[Kind]) -> float | None:
        """Share of what was planted that was reported; null where nothing was planted."""
        names = [kind.name for kind in kinds]
        planted = sum(self.planted[name] for name in names)
        return sum(self.reported[name] for name in names) / planted if planted else None

    def precision(self, kinds: Iterable[Kind]) -> float | None:
        """Share of findings that are right; null where nothing was found."""
        names = [kind.name for kind in kinds]
        right = sum(self.right[name] for name in names)
        found = right + sum(self.wrong[name] for name in names)
        return right / found if found else None


def score(planted: Sequence[Planted], found: Sequence[Found]) -> Tally:
    """Compare one set of files.

    A planted mistake is reported when a rule of its kind names its row, and its column where the
    kind is of a cell and the rule names one. A finding is right when a mistake of its kind was
    planted there; it counts neither way where it echoes another mistake of the row.
    """
    tally = Tally()
    of_row: dict[tuple[str, str | None, int], list[Planted]] = {}
    of_sheet: dict[tuple[str, str | None], list[Planted]] = {}
    for one in planted:
        of_row.setdefault((one.file, one.sheet, one.row), []).append(one)
        of_sheet.setdefault((one.file, one.sheet), []).append(one)
    hit: set[Planted] = set()
    for finding in found:
        kind = KIND_OF_RULE.get(finding.rule)
        if kind is None:
            continue
        at = (
            [
                *of_row.get((finding.file, finding.sheet, finding.row), []),
                *of_row.get((finding.file, finding.sheet, finding.other_row or 0), []),
                *of_row.get((finding.file, finding.sheet, 0), []),
            ]
            if finding.row
            else of_sheet.get((finding.file, finding.sheet), [])
        )
        matching = [one for one in at if one.kind == kind.name and _same_cell(kind, one, finding)]
        if matching:
            tally.right[kind.name] += 1
            hit.update(matching)
        elif not any(kind.name in KIND_BY_NAME[one.kind].echoes for one in at):
            tally.wrong[kind.name] += 1
            tally.false.append(finding)
    for one in planted:
        tally.planted[one.kind] += 1
        tally.reported[one.kind] += one in hit
        if one not in hit:
            tally.missed.append(one)
    return tally


def _same_cell(kind: Kind, planted: Planted, found: Found) -> bool:
    if not kind.is_of_cell or planted.column is None or found.column is None:
        return True
    return _last(planted.column) == _last(found.column)


def _last(header: str) -> str:
    """The lowest level of a header: one generator writes the whole path, another its end."""
    return header.rpartition("/")[2].strip()
