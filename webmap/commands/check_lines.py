"""What `onemap check` says of a file: how it was taken, what is wrong, what would happen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from etl.load import LoadResult
from etl.prepare import Prepared
from etl.proposal import titles
from etl.table import Table
from webmap.console import Console

_SHOWN_FINDINGS: Final = 20
_SHOWN_ROWS: Final = 8
_SHOWN_COLUMNS: Final = 12
_WORST_FIRST: Final = ("reject", "question", "warn")


def check_lines(
    console: Console, taken: Prepared, issues: Sequence[Mapping[str, Any]], result: LoadResult
) -> Iterable[str]:
    """Lines for people: sheets in file order, the worst findings first, then the counts."""
    yield from _sheet_lines(console, taken)
    findings = _findings(console, issues)
    for finding in findings[:_SHOWN_FINDINGS]:
        yield _finding_line(console, finding)
    if len(findings) > _SHOWN_FINDINGS:
        yield console.text("check.more", count=len(findings) - _SHOWN_FINDINGS)
    yield console.text("check.result", **result.as_json())


def left_out_lines(console: Console, taken: Prepared) -> Iterable[str]:
    """What of a loaded file is not in the register because nobody knows what it is."""
    for sheet in taken.sheets:
        table = sheet.table
        if table.unknown:
            yield console.text(
                "load.unknown_columns" if table.sheet else "load.only_unknown_columns",
                sheet=table.sheet,
                count=len(table.unknown),
                columns=_listed(console, _unknown(table), _SHOWN_COLUMNS),
            )
    for name in taken.skipped:
        yield console.text("check.skipped", sheet=name)


def _sheet_lines(console: Console, taken: Prepared) -> Iterable[str]:
    words = titles(console.settings.language)
    for sheet in taken.sheets:
        table = sheet.table
        yield console.text(
            "check.sheet" if table.sheet else "check.only_sheet",
            sheet=table.sheet,
            contract=words.contract(table.contract.name),
            rows=len(table.rows),
            columns=len(table.columns),
        )
        if table.unknown:
            yield console.text(
                "check.unknown_columns",
                count=len(table.unknown),
                columns=_listed(console, _unknown(table), _SHOWN_COLUMNS),
            )
    for name in taken.skipped:
        yield console.text("check.skipped", sheet=name)


def _unknown(table: Table) -> tuple[str, ...]:
    return tuple(column.header for column in table.unknown)


def _findings(
    console: Console, issues: Sequence[Mapping[str, Any]]
) -> list[list[Mapping[str, Any]]]:
    """Issues that say the same of the same column are one finding, the worst first."""
    found: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for issue in issues:
        if issue["rule"] == "column.unknown":  # Named under its sheet already.
            continue
        message = console.text(issue["rule"], **(issue["params"] or {}))
        key = (issue["severity"], issue["sheet"], issue["column"], message)
        found.setdefault(key, []).append({**issue, "message": message})
    return sorted(found.values(), key=lambda same: _WORST_FIRST.index(same[0]["severity"]))


def _finding_line(console: Console, same: Sequence[Mapping[str, Any]]) -> str:
    first = same[0]
    rows = tuple(dict.fromkeys(str(issue["row"]) for issue in same if issue["row"]))
    spots = [
        console.text(key, value=value)
        for key, value in (
            ("check.at_sheet", first["sheet"]),
            ("check.at_rows", _listed(console, rows, _SHOWN_ROWS) if rows else None),
            ("check.at_column", first["column"]),
        )
        if value
    ]
    originals = dict.fromkeys(str(issue["original"]) for issue in same if issue["original"])
    key = "check.original" if len(originals) == 1 else "check.original_such"
    quoted = console.text(key, original=next(iter(originals))) if originals else ""
    return console.text(
        "check.finding",
        severity=console.text(f"severity.{first['severity']}"),
        where=console.text("where.separator").join(spots),
        colon=console.text("where.colon") if spots else "",
        message=first["message"],
        original=quoted,
    )


def _listed(console: Console, names: Sequence[str], most: int) -> str:
    """Names in a row, the first of many with how many there are."""
    listed = console.text("check.comma").join(names[:most])
    if len(names) <= most:
        return listed
    return console.text("check.and_more", listed=listed, count=len(names))
