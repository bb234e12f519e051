"""Bodies of a directory whose superiors lead back to themselves."""

from sqlalchemy import Connection, text

from etl.issues import IssueList, Severity
from etl.prepare import Sheet


def hold_cycles(conn: Connection, sheet: Sheet, issues: IssueList) -> None:
    """Reject rows whose parents, in the sheet and in the directory, lead back to themselves."""
    names = sheet.cleaned.text("name").to_numpy()
    above = sheet.cleaned.text("parent_name").to_numpy()
    known = conn.execute(
        text(
            "SELECT o.name, parent.name AS above FROM organization.organization AS o"
            " JOIN organization.organization AS parent ON parent.organization_id = o.parent_id"
        )
    )
    parent_of: dict[str, str] = {row.name: row.above for row in known}
    stated = {
        name: parent
        for name, parent, is_thing in zip(names, above, sheet.is_thing, strict=True)
        if is_thing and name and parent
    }
    parent_of.update(stated)
    circular = {name for name in stated if _returns(name, parent_of)}
    rows = sheet.table.rows[[name in circular for name in names] & sheet.is_thing]
    if not len(rows):
        return
    issues.add(
        sheet=sheet.table.sheet,
        rows=rows,
        column=sheet.table.header("parent_name"),
        rule="parent.cycle",
        severity=Severity.REJECT,
        original=[stated[name] for name in names if name in circular],
    )
    conn.execute(
        text("INSERT INTO pg_temp.held VALUES (:row, 'parent.cycle', 'listed reject')"),
        [{"row": int(row)} for row in rows],
    )


def _returns(start: str, parent_of: dict[str, str]) -> bool:
    seen: set[str] = set()
    at = parent_of.get(start)
    while at is not None and at not in seen:
        if at == start:
            return True
        seen.add(at)
        at = parent_of.get(at)
    return False
