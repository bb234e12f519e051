"""Sealing: what finished transactions wrote in history is counted, digested and chained.

A seal covers the lines of transactions that can no longer change: all that are older than the
oldest one still running. So nobody waits for a seal, and a long load only puts its own off.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, insert, text

from gis.audit.keys import Head, SealFiles
from gis.audit.lines import history_tables, line_digest_sql, write_plainly
from gis.audit.model import seal
from gis.db import run_script

_NEWEST: Final = "SELECT * FROM history.seal ORDER BY seal_id DESC LIMIT 1"
_HORIZON: Final = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS before, now() AS now,
  coalesce((SELECT max(history_id) FROM history.erasure), 0) AS erased_until"""


def seal_history(engine: Engine, metadata: MetaData, files: SealFiles) -> Head | None:
    """Seal what was committed since the last seal.

    Args:
        engine: Of the schema owner.
        metadata: With the tables of history.
        files: Where the key lies and the head is noted.

    Returns:
        The newest seal, this one or, where nothing was written since, the one before.
    """
    with (
        engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn,
        conn.begin(),
    ):
        # Before anything is read: no removal is half-way through, and no other seal is made.
        run_script(conn, "LOCK TABLE history.erasure, history.seal IN SHARE ROW EXCLUSIVE MODE")
        write_plainly(conn)
        head = _seal(conn, metadata, files)
    if head is not None:
        files.note_head(head)
    return head


def seal_mac(key: bytes, previous: bytes, content: Mapping[str, Any]) -> bytes:
    """What chains a seal to the one before: keyed, over all of its columns but itself."""
    said = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in content.items()
        if name != "mac"
    }
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, previous + plain.encode(), hashlib.sha256)


def chain_sql(digest: str) -> str:
    """SQL of one digest over the digests of the lines at hand, in their order."""
    return f"sha256(string_agg({digest}, ''::bytea ORDER BY history_id))"


def covered_sql(above: int, from_transaction: int, before: int | None) -> str:
    """Condition on a line `h` of a table: a seal of these bounds covers it."""
    end = "" if before is None else f" AND h.history_transaction_id < {before}"
    return f"h.history_id > {above} AND h.history_transaction_id >= {from_transaction}{end}"


def _seal(conn: Connection, metadata: MetaData, files: SealFiles) -> Head | None:
    found = conn.execute(text(_NEWEST)).mappings().one_or_none()
    newest: Mapping[str, Any] | None = None if found is None else dict(found)
    horizon = dict(conn.execute(text(_HORIZON)).mappings().one())
    _note_cut(conn, files, newest["seal_id"] if newest else 0)
    sealer = _Sealer(conn, history_tables(metadata), files, horizon)
    before = horizon["before"]
    if newest is None:
        newest = sealer.add(None, _Bounds(1, 0, before, {}))
    elif newest["before_transaction"] is not None and newest["before_transaction"] <= before:
        start = newest["before_transaction"]
        newest = sealer.add(newest, _Bounds(newest["epoch"], start, before, newest["above"]))
    else:
        # Numbers run lower than before: a backup was restored. What the old numbering left
        # unsealed ends its epoch; the new one begins above all lines of the old.
        newest = sealer.closed(newest)
        begun = _Bounds(newest["epoch"] + 1, 0, before, sealer.highest())
        newest = sealer.add(newest, begun)
    return Head(newest["seal_id"], bytes(newest["mac"]).hex()) if newest else None


def _note_cut(conn: Connection, files: SealFiles, newest: int) -> None:
    head = files.head()
    if head is None:
        return
    mac = conn.execute(
        text("SELECT encode(mac, 'hex') FROM history.seal WHERE seal_id = :id"),
        {"id": head.seal_id},
    ).scalar()
    if mac != head.mac:
        files.note_cut(head.seal_id, newest)


@dataclass(frozen=True)
class _Bounds:
    epoch: int
    from_transaction: int
    before_transaction: int | None
    above: Mapping[str, int]


class _Sealer:
    def __init__(
        self,
        conn: Connection,
        tables: Sequence[Table],
        files: SealFiles,
        horizon: Mapping[str, Any],
    ) -> None:
        self._conn = conn
        self._tables = tables
        self._key_id, self._key = files.key()
        self._horizon = horizon

    def add(self, newest: Mapping[str, Any] | None, bounds: _Bounds) -> Mapping[str, Any] | None:
        """The seal of these bounds; the newest so far where they hold no line."""
        lines = self._all_lines(bounds)
        return self._made(newest, bounds, lines) if lines else newest

    def closed(self, newest: Mapping[str, Any]) -> Mapping[str, Any]:
        """The seal that ends the epoch of the newest, which may be that one."""
        start = newest["before_transaction"]
        if start is None:
            return newest
        rest = _Bounds(newest["epoch"], start, None, newest["above"])
        return self._made(newest, rest, self._all_lines(rest))

    def _all_lines(self, bounds: _Bounds) -> dict[str, Any]:
        return {
            table.name: found
            for table in self._tables
            if (found := self._lines(table, bounds)) is not None
        }

    def _made(
        self, newest: Mapping[str, Any] | None, bounds: _Bounds, lines: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        made = {
            "seal_id": newest["seal_id"] + 1 if newest else 1,
            "sealed_at": self._horizon["now"],
            "key_id": self._key_id,
            **asdict(bounds),
            "lines": lines,
            "erased_until": self._horizon["erased_until"],
        }
        made["mac"] = seal_mac(self._key, bytes(newest["mac"]) if newest else b"", made)
        self._conn.execute(insert(seal), made)
        return made

    def highest(self) -> dict[str, int]:
        """The highest number of a sealed line, by table."""
        rows = self._conn.execute(
            text(
                "SELECT key, max((value ->> 'highest')::bigint)"
                " FROM history.seal CROSS JOIN jsonb_each(lines) GROUP BY key"
            )
        )
        return {str(name): int(number) for name, number in rows}

    def _lines(self, table: Table, bounds: _Bounds) -> dict[str, Any] | None:
        covered = covered_sql(
            bounds.above.get(table.name, 0), bounds.from_transaction, bounds.before_transaction
        )
        count, digest, highest = self._conn.execute(
            text(
                f"SELECT count(*), {chain_sql('digest')}, max(history_id) FROM ("
                f"SELECT h.history_id, {line_digest_sql(table, 'h')} AS digest"
                f" FROM {table.fullname} AS h WHERE {covered}) AS line"
            )
        ).one()
        if not count:
            return None
        return {"count": count, "digest": bytes(digest).hex(), "highest": highest}
