"""Unexplained differences, counted for those who see them: some see less of a filing."""

from collections import Counter
from typing import Final

from sqlalchemy import Connection

from assets.campaign.queries import MINE, ROW, Filing, filed_row, find_campaign, read
from assets.campaign.rules import differences

_APART: Final = """
JOIN campaign.filing AS f USING (filing_id)
WHERE f.campaign_id = :campaign_id AND f.state IN ('submitted', 'approved')
  AND r.rights_cell <> f.rights_cell"""
_ROWS_APART: Final = f"""
SELECT r.filing_id, {ROW} FROM campaign.filing_row AS r
LEFT JOIN campaign.baseline_row AS b USING (filing_row_id) {_APART}"""
_EXPLANATIONS_APART: Final = f"""
SELECT e.filing_row_id, e.field, e.text FROM campaign.explanation AS e
JOIN campaign.filing_row AS r USING (filing_row_id) {_APART}"""


def own_rows(conn: Connection, filing: Filing) -> frozenset[int]:
    """Rows of a filing that everybody sees who sees the filing: those of its own cell."""
    return _rows(conn, filing, "= :cell")


def writable_rows(conn: Connection, filing: Filing) -> frozenset[int]:
    """Rows of a filing that the asking account may write, and so explain."""
    return _rows(conn, filing, MINE)


def _rows(conn: Connection, filing: Filing, of_cells: str) -> frozenset[int]:
    query = (
        "SELECT filing_row_id FROM campaign.filing_row"
        f" WHERE filing_id = :filing_id AND rights_cell {of_cells}"
    )
    found = read(conn, query, filing_id=filing.filing_id, cell=filing.rights_cell)
    return frozenset(row["filing_row_id"] for row in found)


def unexplained_apart(conn: Connection, campaign_id: int) -> Counter[int]:
    """Large differences without an explanation in rows of other cells than their filing's.

    Returns:
        How many the asking account sees, by filing that is handed in.
    """
    rows = read(conn, _ROWS_APART, campaign_id=campaign_id)
    said = read(conn, _EXPLANATIONS_APART, campaign_id=campaign_id)
    found = differences(
        [filed_row(row) for row in rows],
        {(one["filing_row_id"], one["field"]): one["text"] for one in said},
        threshold_percent=find_campaign(conn, campaign_id).threshold_percent,
    )
    of_row = {row["filing_row_id"]: row["filing_id"] for row in rows}
    return Counter(of_row[one.row_id] for one in found if one.is_unexplained)
