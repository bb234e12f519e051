"""Checks that the past is as it was sealed, and the present as the past left it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, text

from gis.audit.keys import Head, SealFiles
from gis.audit.lines import erasure_ddl, history_tables, line_digest_sql, write_plainly
from gis.audit.sealing import chain_sql, seal_mac
from gis.db import run_script
from gis.history import digest_sql, history_name, kept_tables, trigger_ddl


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was left: the key of its sentence, and what fills it."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verified:
    """What a check of everything found.

    Args:
        seals: How many seals there are.
        lines: Lines of history they cover.
        unsealed: Lines written since the newest.
        erased: Lines that were removed or blanked by a rule, each recorded.
        heads: Every seal as reports print it, the newest last.
        findings: What is wrong; empty where nothing is.
    """

    seals: int
    lines: int
    unsealed: int
    erased: int
    heads: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def printed_head(self) -> str | None:
        """The newest seal as reports print it; null without one."""
        return self.heads[-1] if self.heads else None

    def has(self, printed: str) -> bool:
        """Whether the seal that a report printed is in the chain."""
        return printed.strip() in self.heads


def verify_history(engine: Engine, metadata: MetaData, files: SealFiles) -> Verified:
    """Compare all of history with its seals, and every kept row with the last line about it.

    Args:
        engine: Of the schema owner.
        metadata: With the tables of history.
        files: Where the keys lie and the newest seal is noted.
    """
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn,
        conn.begin(),
    ):
        findings: list[Finding] = []
        # First of all: rows are digested as the triggers did, values written as they are there.
        for kept in kept_tables(metadata):
            findings += _unrecorded_rows(conn, kept)
        write_plainly(conn)
        seals = [
            dict(row)
            for row in conn.execute(text("SELECT * FROM history.seal ORDER BY seal_id")).mappings()
        ]
        findings += [*_broken_chain(seals, files), *_cut_chain(seals, files)]
        unsealed = 0
        for table in history_tables(metadata):
            found, left = _verify_lines(conn, table, seals)
            findings += found
            unsealed += left
        findings += _unexplained_erasures(conn)
        findings += _wrong_triggers(conn, metadata)
        erased = conn.execute(text("SELECT count(*) FROM history.erasure")).scalar_one()
    return Verified(
        len(seals),
        sum(one["count"] for each in seals for one in each["lines"].values()),
        unsealed,
        erased,
        tuple(Head(one["seal_id"], bytes(one["mac"]).hex()).printed for one in seals),
        tuple(findings),
    )


def _broken_chain(seals: Sequence[Mapping[str, Any]], files: SealFiles) -> Iterator[Finding]:
    """Seals that are missing between others, were altered, or whose key is not here."""
    previous, expected = b"", 1
    unknown: set[str] = set()
    for seal in seals:
        if seal["seal_id"] != expected:
            yield Finding(
                "audit.seals_missing", {"first": expected, "last": int(seal["seal_id"]) - 1}
            )
        key = files.key_of(seal["key_id"])
        if key is None:
            if seal["key_id"] not in unknown:
                yield Finding("audit.no_key", {"key_id": seal["key_id"], "seal": seal["seal_id"]})
            unknown.add(seal["key_id"])
        elif seal["seal_id"] == expected and seal_mac(key, previous, seal) != bytes(seal["mac"]):
            yield Finding("audit.seal_changed", {"seal": seal["seal_id"]})
        previous, expected = bytes(seal["mac"]), seal["seal_id"] + 1


def _cut_chain(seals: Sequence[Mapping[str, Any]], files: SealFiles) -> Iterator[Finding]:
    """Seals at the end that this machine made and that are gone, unless somebody said why."""
    for cut in files.cuts():
        if cut.reason is None:
            yield Finding("audit.chain_cut", {"noted": cut.noted, "newest": cut.newest})
    head = files.head()
    known = {one["seal_id"]: bytes(one["mac"]).hex() for one in seals}
    if head is not None and known.get(head.seal_id) != head.mac:
        yield Finding("audit.chain_cut", {"noted": head.seal_id, "newest": max(known, default=0)})


def _verify_lines(
    conn: Connection, table: Table, seals: Sequence[Mapping[str, Any]]
) -> tuple[list[Finding], int]:
    """What of a table differs from its seals, and how many lines are younger than all of them."""
    findings: list[Finding] = []
    unsealed = 0
    epochs = sorted({one["epoch"] for one in seals}) or [1]
    for at, epoch in enumerate(epochs):
        group = [one for one in seals if one["epoch"] == epoch]
        following = epochs[at + 1 :]
        until = None
        if following:
            begun = next(one for one in seals if one["epoch"] == following[0])
            until = begun["above"].get(table.name, 0)
        found = _lines_by_seal(conn, table, group, until)
        for number, seal in enumerate(group, start=1):
            expected = seal["lines"].get(table.name, {"count": 0, "digest": None})
            count, digest = found.pop(number, (0, None))
            if (count, digest) != (expected["count"], expected["digest"]):
                findings.append(_differs(table, seal, expected["count"], count))
        unsealed += sum(count for count, _ in found.values())
    changed = conn.execute(text(_ERASED_DIFFERS.format(**_of(table)))).scalar_one()
    if changed:
        findings.append(Finding("audit.erased_changed", {"table": table.name, "count": changed}))
    return findings, unsealed


def _differs(table: Table, seal: Mapping[str, Any], expected: int, found: int) -> Finding:
    how = "removed" if found < expected else "added" if found > expected else "changed"
    return Finding(
        f"audit.lines_{how}",
        {
            "table": table.name,
            "seal": seal["seal_id"],
            "sealed_at": seal["sealed_at"],
            "expected": expected,
            "found": found,
        },
    )


def _of(table: Table) -> dict[str, str]:
    return {
        "history": table.fullname,
        "name": table.name,
        "digest": line_digest_sql(table, "h"),
        "chain": chain_sql("digest"),
    }


_LINES: Final = """
WITH erased AS MATERIALIZED (
  SELECT e.*, width_bucket(line_transaction_id, CAST(:starts AS bigint[])) AS at
  FROM history.erasure AS e WHERE table_name = '{name}'),
-- Of a line that was taken or blanked after its seal, the digest that the seal counted.
sealed_before AS MATERIALIZED (
  SELECT DISTINCT ON (line_id) line_id AS history_id, at, digest_before AS digest FROM erased
  WHERE history_id > (CAST(:erased_until AS bigint[]))[at]
  ORDER BY line_id, erased.history_id),
line AS (
  SELECT history_id, at, digest FROM sealed_before
  UNION ALL
  SELECT h.history_id, width_bucket(h.history_transaction_id, CAST(:starts AS bigint[])), {digest}
  FROM {history} AS h WHERE h.history_id NOT IN (SELECT history_id FROM sealed_before))
SELECT CASE WHEN history_id > CAST(:renewed_above AS bigint) THEN cardinality(:starts) ELSE at END,
  count(*), {chain} FROM line
WHERE history_id > :above AND history_id <= coalesce(:until, history_id) GROUP BY 1"""
_ERASED_DIFFERS: Final = """
SELECT count(*) FROM (
  SELECT DISTINCT ON (line_id) line_id AS history_id, digest_after FROM history.erasure AS e
  WHERE table_name = '{name}' ORDER BY line_id, e.history_id DESC) AS last
LEFT JOIN {history} AS h USING (history_id)
WHERE last.digest_after IS DISTINCT FROM CASE WHEN h.history_id IS NOT NULL THEN {digest} END"""


def _lines_by_seal(
    conn: Connection, table: Table, seals: Sequence[Mapping[str, Any]], until: int | None
) -> dict[int, tuple[int, str]]:
    """Count and digest of the lines of each seal of an epoch, by its place among them from 1.

    What is younger than the last of them stands one place behind it; so does what was written
    since a backup was restored, until it is sealed as a new epoch.
    """
    starts = [one["from_transaction"] for one in seals] or [0]
    if seals and seals[-1]["before_transaction"] is not None:
        starts.append(seals[-1]["before_transaction"])
    highest = 2**63 - 1
    rows = conn.execute(
        text(_LINES.format(**_of(table))),
        {
            "starts": starts,
            "erased_until": [*(one["erased_until"] for one in seals), highest],
            "above": seals[0]["above"].get(table.name, 0) if seals else 0,
            "until": until,
            "renewed_above": _renewed_above(conn, table, seals) if until is None else None,
        },
    )
    return {at: (count, bytes(digest).hex()) for at, count, digest in rows}


def _renewed_above(
    conn: Connection, table: Table, seals: Sequence[Mapping[str, Any]]
) -> int | None:
    """Where transactions are numbered lower than the newest seal says, the last line it knew."""
    if not seals or (before := seals[-1]["before_transaction"]) is None:
        return None
    now = conn.execute(
        text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    ).scalar_one()
    if now >= before:
        return None
    found = conn.execute(
        text("SELECT coalesce(max((lines -> :name ->> 'highest')::bigint), 0) FROM history.seal"),
        {"name": table.name},
    ).scalar_one()
    left = conn.execute(
        text(
            f"SELECT coalesce(max(history_id), 0) FROM {table.fullname}"
            " WHERE history_transaction_id >= :before"
        ),
        {"before": before},
    ).scalar_one()
    return max(int(found), int(left))


def _unexplained_erasures(conn: Connection) -> Iterator[Finding]:
    """Lines removed or blanked by a transaction that marked no place as a state secret."""
    rows = conn.execute(
        text(
            'SELECT table_name AS "table", count(*) AS count, min(history_at) AS erased_at'
            " FROM history.erasure AS e WHERE NOT EXISTS ("
            "SELECT FROM history.place_secrecy AS s"
            " WHERE s.history_transaction_id = e.history_transaction_id)"
            " GROUP BY table_name, history_transaction_id ORDER BY 3, 1"
        )
    )
    for row in rows.mappings():
        yield Finding("audit.erased_without_decision", dict(row))


_TRIGGERS: Final = """
SELECT t.tgrelid::regclass::text AS table_name, t.tgname AS name, t.tgenabled AS enabled,
  p.prosrc AS body
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"""


def _wrong_triggers(conn: Connection, metadata: MetaData) -> Iterator[Finding]:
    """Triggers that record the past and are gone, switched off, or do something else."""
    run_script(conn, "SET LOCAL search_path = ''")
    there = {
        (row["table_name"].replace('"', ""), row["name"]): row
        for row in conn.execute(text(_TRIGGERS)).mappings()
    }
    run_script(conn, "SET LOCAL search_path = public")
    expected: list[tuple[str, str, str]] = []
    for table in kept_tables(metadata):
        body = trigger_ddl(table)[0].split("$function$")[1]
        expected += [
            (table.fullname, f"history_{event}", body) for event in ("insert", "update", "delete")
        ]
    for table in history_tables(metadata):
        body = erasure_ddl(table)[0].split("$function$")[1]
        expected += [(table.fullname, f"erased_{event}", body) for event in ("update", "delete")]
    for table_name, name, body in expected:
        row = there.get((table_name, name))
        what = (
            "missing"
            if row is None
            else "disabled"
            if row["enabled"] not in ("O", "A")
            else "changed"
            if row["body"] != body
            else None
        )
        if what:
            yield Finding(f"audit.trigger_{what}", {"table": table_name, "trigger": name})


_ROWS: Final = """
WITH last AS (
  SELECT DISTINCT ON ({keys}) {keys}, history_operation AS operation, history_digest AS digest
  FROM history.{name} ORDER BY {keys}, history_id DESC),
compared AS (
  SELECT concat_ws('/', {either}) AS key,
    CASE WHEN last.operation IS NULL THEN 'unrecorded'
      WHEN t.{first} IS NULL THEN CASE WHEN last.operation <> 'D' THEN 'gone' END
      WHEN last.operation = 'D' THEN 'returned'
      WHEN last.digest <> {digest} THEN 'altered' END AS wrong
  FROM last FULL JOIN {table} AS t ON {same})
SELECT wrong, count(*) AS count, (array_agg(key ORDER BY key))[1:3] AS examples
FROM compared WHERE wrong IS NOT NULL GROUP BY wrong ORDER BY wrong"""


def _unrecorded_rows(conn: Connection, table: Table) -> Iterator[Finding]:
    """Rows that are not as the last line about them left them: changed past the triggers."""
    keys = [f'"{column.name}"' for column in table.primary_key.columns]
    statement = _ROWS.format(
        keys=", ".join(keys),
        name=history_name(table),
        either=", ".join(f"coalesce(last.{key}, t.{key})" for key in keys),
        first=keys[0],
        digest=digest_sql(table, "t"),
        table=table.fullname,
        same=" AND ".join(f"last.{key} = t.{key}" for key in keys),
    )
    for row in conn.execute(text(statement)).mappings():
        yield Finding(
            f"audit.rows_{row['wrong']}",
            {
                "table": table.fullname,
                "count": row["count"],
                "examples": ", ".join(row["examples"]),
            },
        )
