"""How like a row and a known place are: one score a clue, one of all, and what rules a pair out.

The weights and `ASKED_FROM` are measured (`docs/decisions/matching.md`); change them with the
benchmark `./onemap bench matching` at hand.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist
from sqlalchemy import Connection, text

from assets.domain import ColumnContract, PlaceRule
from etl.merge import wording
from etl.merge.ground import LEAST_SHARED, shared_ground
from etl.merge.pairs_sql import HOUSES, pairs_sql
from etl.merge.within import TWIN, within_asked
from gis.db import run_script
from gis.places.actions import copy_rows

Scores = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

WEIGHTS: Final = {"address": 0.45, "name": 0.25, "overlap": 0.6, "area": 0.2, "near": 0.2,
                  "holder": 0.15, "title": 0.45}  # fmt: skip
CLUES: Final = ("score", "address_score", "name_score", "overlap_score", "area_score",
                "distance_m")  # fmt: skip
ASKED_FROM: Final = 0.65
"""From this score on a row waits; below, it goes in as a place of its own."""
MOST: Final = 5
"""Candidates kept of a row, best first."""

_SAME_ADDRESS: Final = 0.66
"""One character of three is another: most streets have three or four."""
_SAME_NAME: Final = 0.85
_SAME_AREA: Final = 0.999
_OVERRULES: Final = 0.8
"""Outlines that agree so far are one building whatever number either file gives it."""
_WITHOUT_PART: Final = 0.5
"""Worth of a house number where only one side goes on to a building number."""
_IN_RANGE: Final = 0.75
"""Worth of a house number that the other side's range holds: enough to ask, where all else is
silent, and never the same."""
_WITHOUT_NUMBER: Final = 0.8
"""Worth of a name where only one side goes on to a number."""
_NEAR_M: Final = 300.0
_APART_M: Final = 1_500.0
"""Anchors farther apart are two places; a map service's offset is at most about 1,200 m."""
_LEAST_CORE: Final = 2


def score_pairs(conn: Connection, contract: ColumnContract, rule: PlaceRule) -> None:
    """Fill `candidate` from `pair`, and hold what is like enough or bears the same certificate.

    Of rows that wait already every pair is kept, whatever its score.
    """
    run_script(conn, pairs_sql(contract, rule))
    pairs = pd.DataFrame(conn.execute(text("SELECT * FROM pg_temp.scored_pair")).mappings().all())
    if pairs.empty:
        return
    found = scored(pairs).assign(other_row=pairs["found_by"])
    is_within = pairs["found_by"].notna().to_numpy()
    is_asked = np.where(is_within, within_asked(pairs, found), found["is_asked"].to_numpy(bool))
    kept = found[pairs["is_held"].to_numpy(bool) | is_asked]
    kept = kept.sort_values(["row_number", "score", "place_id"], ascending=[True, False, True])
    kept = kept.groupby("row_number").head(MOST)
    if kept.empty:
        return
    _copy(conn, kept)
    run_script(
        conn,
        "INSERT INTO pg_temp.held (row_number, rule, severity)"
        f" SELECT row_number, CASE WHEN bool_and(other_row IS NOT NULL) THEN '{TWIN}'"
        "   WHEN bool_or(is_same_title) THEN 'match.same_title' ELSE 'match.similar' END,"
        " 'question' FROM pg_temp.candidate AS c"
        " WHERE NOT EXISTS (SELECT FROM pg_temp.held AS h WHERE h.row_number = c.row_number)"
        " GROUP BY row_number",
    )


def scored(pairs: pd.DataFrame) -> pd.DataFrame:
    """One line a pair: its clues (NaN where one side says nothing), the score, whether to ask.

    Args:
        pairs: Columns of `etl.merge.pairs_sql`.
    """
    address, other_house, other_part = _address(pairs)
    name, other_name = _name(pairs)
    overlap, is_elsewhere = _overlap(pairs)
    area = _ratio(pairs, "my_area_m2", "their_area_m2")
    distance = pairs["distance_m"].to_numpy(float)
    near = np.clip(1 - distance / _NEAR_M, 0, 1)
    holder = _equal(pairs, "my_steward", "their_steward")
    is_title = pairs["is_same_title"].to_numpy(bool)
    # Another number says nothing: certificates are renewed.
    title = np.where(is_title, 1.0, np.nan)
    clues = {"address": address, "name": name, "overlap": overlap, "area": area, "near": near,
             "holder": holder, "title": title}  # fmt: skip
    score = _together(clues)
    is_ruled_out = (
        ((other_house | other_name) & ~(overlap >= _OVERRULES))
        | is_elsewhere
        | (distance > _APART_M)
        | pairs["has_other_number"].to_numpy(bool)
    )
    # A known certificate at another address is asked about; another building of its compound, told
    # by its own number, is not.
    is_other_part = other_name | is_elsewhere | pairs["has_other_number"].to_numpy(bool)
    is_anchored = (
        (address >= _SAME_ADDRESS)
        | (name >= _SAME_NAME)
        | (overlap >= LEAST_SHARED)
        | is_title
        | ((holder == 1) & (area >= _SAME_AREA))
    )
    return pd.DataFrame(
        {
            "row_number": pairs["row_number"],
            "place_id": pairs["place_id"],
            "score": score,
            "address_score": address,
            "name_score": name,
            "overlap_score": overlap,
            "area_score": area,
            "distance_m": distance,
            "is_same_holder": holder,
            "is_same_title": is_title,
            "is_ruled_out": is_ruled_out,
            # One house number in one street asks, whoever and whatever else is named there.
            "is_asked": (~is_ruled_out & ((address == 1) | is_anchored & (score >= ASKED_FROM)))
            | (is_title & ~is_other_part & ~other_part),
        }
    )


def _together(clues: dict[str, Scores]) -> Scores:
    """The mean of the clues that both sides give, by weight."""
    weights = np.array([WEIGHTS[name] for name in clues])[:, None]
    values = np.array(list(clues.values()))
    known = ~np.isnan(values)
    every = (weights * known).sum(axis=0)
    total = (weights * np.where(known, values, 0.0)).sum(axis=0)
    return np.asarray(total / np.where(every > 0, every, 1.0))


def _address(pairs: pd.DataFrame) -> tuple[Scores, Flags, Flags]:
    """How like the addresses are, and where they are two.

    Two house numbers, two sides of a street, two buildings; then only the last of these.
    """
    mine, theirs = pairs["my_street"], pairs["their_street"]
    is_known = (mine != "").to_numpy() & (theirs != "").to_numpy()
    like = _like(mine, theirs)
    one, other = pairs["my_house"], pairs["their_house"]
    has_house = (one != "").to_numpy() & (other != "").to_numpy()
    is_house = (one == other).to_numpy()
    is_among = _among(one, other)
    one, other = pairs["my_part"], pairs["their_part"]
    has_part = (one != "").to_numpy() & (other != "").to_numpy()
    is_part = (one == other).to_numpy()
    pattern = f"[^{wording.DIRECTIONS}]"
    is_side = (
        mine.str.replace(pattern, "", regex=True) == theirs.str.replace(pattern, "", regex=True)
    ).to_numpy()
    is_side = is_side & (pairs["my_lane"] == pairs["their_lane"]).to_numpy()
    is_other_house = has_house & ~is_house & ~is_among
    is_other_part = is_known & has_house & has_part & ~is_part
    differs = is_other_part | (is_known & (is_other_house | ~is_side))
    worth = np.select([is_house & is_part, is_house | is_among & ~is_part, is_among],
                      [1.0, _WITHOUT_PART, _IN_RANGE])  # fmt: skip
    # One with a house number and one without say nothing of each other.
    is_told = is_known & (has_house | is_house)
    score = np.where(is_told, np.where(is_side, like * worth, 0.0), np.nan)
    return score, differs, is_other_part & is_house


def _among(one: pd.Series, other: pd.Series) -> Flags:
    """Where one side is a single house number that the other, a range, holds."""
    is_several = one.str.contains(HOUSES, regex=False).to_numpy(bool)
    is_several_there = other.str.contains(HOUSES, regex=False).to_numpy(bool)
    found = np.zeros(len(one), dtype=bool)
    for at in np.flatnonzero(is_several != is_several_there):
        mine, theirs = one.iloc[at].split(HOUSES), other.iloc[at].split(HOUSES)
        found[at] = bool(set(mine) & set(theirs))
    return found


def _name(pairs: pd.DataFrame) -> tuple[Scores, Flags]:
    """How like the names are, and where two numbers in them differ."""
    mine, theirs = pairs["my_core"], pairs["their_core"]
    has_core = ((mine.str.len() >= _LEAST_CORE) & (theirs.str.len() >= _LEAST_CORE)).to_numpy()
    one, other = pairs["my_name_numbers"], pairs["their_name_numbers"]
    has_numbers = ((one != "") & (other != "")).to_numpy()
    is_number = (one == other).to_numpy()
    differs = has_numbers & ~is_number
    is_label = (pairs["my_label"] == pairs["their_label"]).to_numpy() & (
        pairs["my_label"] != ""
    ).to_numpy() & pairs["is_same_parent"].to_numpy(bool)  # fmt: skip
    like = np.where(is_number, _like(mine, theirs), _like(mine, theirs) * _WITHOUT_NUMBER)
    score = np.where(is_label, 1.0, np.where(has_core, like, np.nan))
    return np.where(differs, np.where(has_core, 0.0, np.nan), score), differs


def _overlap(pairs: pd.DataFrame) -> tuple[Scores, Flags]:
    """Ground shared by outlines of one kind, and where they stand on two grounds."""
    shares = np.full(len(pairs), np.nan)
    known = np.flatnonzero(pairs["my_shape"].notna() & pairs["their_shape"].notna())
    if len(known):
        one, other = (
            np.asarray(shapely.from_wkb([bytes(shape) for shape in pairs[name].iloc[known]]))
            for name in ("my_shape", "their_shape")
        )
        shares[known] = shared_ground(one, other)
    return shares, np.asarray(shares < 0.02)


def _ratio(pairs: pd.DataFrame, one: str, other: str) -> Scores:
    """The smaller of the larger; NaN where one is unknown or nought."""
    first = pairs[one].astype(float).to_numpy()
    second = pairs[other].astype(float).to_numpy()
    larger = np.fmax(first, second)
    usable = (larger > 0) & ~np.isnan(first) & ~np.isnan(second)
    found = np.full(len(pairs), np.nan)
    found[usable] = np.fmin(first, second)[usable] / larger[usable]
    return found


def _equal(pairs: pd.DataFrame, one: str, other: str) -> Scores:
    known = (pairs[one].notna() & pairs[other].notna()).to_numpy()
    return np.where(known, (pairs[one] == pairs[other]).to_numpy(float), np.nan)


def _like(one: pd.Series, other: pd.Series) -> Scores:
    return np.asarray(
        cpdist(one.tolist(), other.tolist(), scorer=fuzz.ratio, dtype=np.float64) / 100
    )


def _copy(conn: Connection, kept: pd.DataFrame) -> None:
    columns: dict[str, Any] = {
        "row_number": pa.array(kept["row_number"], pa.int64()),
        "place_id": pa.array(kept["place_id"], pa.int64()),
        "other_row": pa.array(kept["other_row"], pa.int64(), from_pandas=True),
        **clue_columns(kept),
    }
    copy_rows(conn, "pg_temp.candidate", pa.table(columns))


def clue_columns(kept: pd.DataFrame) -> dict[str, pa.Array]:
    """The clues of pairs as they are kept."""
    columns: dict[str, pa.Array] = {}
    for name in CLUES:
        values = kept[name].astype(float).round(1 if name == "distance_m" else 3)
        columns[name] = pa.array(values, pa.float64(), from_pandas=True)
    same = kept["is_same_holder"].map({1.0: True, 0.0: False})
    columns["is_same_holder"] = pa.array(same, pa.bool_(), from_pandas=True)
    columns["is_same_title"] = pa.array(kept["is_same_title"], pa.bool_())
    return columns
