"""When two rows of one sheet are asked about: much must agree and nothing may contradict.

Measured by `./onemap bench matching`, whose second list is full of neighbours.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from rapidfuzz import fuzz
from rapidfuzz.process import cpdist

from etl.merge import wording

Flags = npt.NDArray[np.bool_]

TWIN: Final = "match.twin"
"""The rule by which such rows wait; whoever lists it names the other row."""
_SAME_NAME: Final = 0.85
_OTHER_NAME: Final = 0.6
_SAME_AREA: Final = 0.99
_OTHER_AREA: Final = 0.9
_OTHER_AREA_UNNAMED: Final = 0.95
_LIKE_ADDRESS: Final = 0.6
"""Worth a doubt: one character is another, or a range holds the house. One with a building number
and one without are two things of a list."""
_MOST_TWINS: Final = 3
"""Nobody writes a thing down five times: these are one plan built often."""


def within_asked(pairs: pd.DataFrame, found: pd.DataFrame) -> Flags:
    """Pairs of one sheet that a person should see.

    Args:
        pairs: Columns of `etl.merge.pairs_sql`.
        found: Their clues, of `etl.merge.likeness.scored`, line by line.
    """
    address = found["address_score"].to_numpy(float)
    area = found["area_score"].to_numpy(float)
    name, other_name = _names(pairs, found["name_score"].to_numpy(float))
    holder, other_holder = _holders(pairs)
    same_area = area >= _SAME_AREA
    contradicts = (
        found["is_ruled_out"].to_numpy(bool)
        | pairs["is_numbered_twice"].to_numpy(bool)
        | other_name
        | other_holder
        | (area < np.where(name, _OTHER_AREA, _OTHER_AREA_UNNAMED))
    )
    title = found["is_same_title"].to_numpy(bool)
    agreeing = sum(clue.astype(int) for clue in (name, holder, same_area, title))
    is_respelt = ~pairs["is_same_spelling"].to_numpy(bool)
    is_address = address == 1
    top = (
        (is_address & is_respelt & (agreeing >= 1))
        | (is_address & (agreeing >= 2))
        | ((address >= _LIKE_ADDRESS) & (agreeing >= 2))
        | (np.isnan(address) & ((name & same_area) | (title & (agreeing >= 2))))
    )
    is_part = pairs["is_part"].to_numpy(bool)
    is_named_part = _is_named_part(pairs) & (same_area | np.isnan(area))
    return np.asarray(~contradicts & np.where(is_part, is_named_part, top))


def only_few(pairs: pd.DataFrame, asked: Flags) -> Flags:
    """Pairs of rows that have few twins."""
    rows = pd.concat([pairs.loc[asked, name] for name in ("row_number", "other_row")])
    many = rows.value_counts()
    crowd = many.index[many > _MOST_TWINS]
    is_crowded = pairs["row_number"].isin(crowd) | pairs["other_row"].isin(crowd)
    return np.asarray(~is_crowded.to_numpy(bool))


def _names(
    pairs: pd.DataFrame, likeness: npt.NDArray[np.float64]
) -> tuple[Flags, Flags]:  # fmt: skip
    is_side = _sides(pairs["my_core"]) == _sides(pairs["their_core"])
    is_known = ~np.isnan(likeness)
    other = is_known & ((likeness < _OTHER_NAME) | ~is_side.to_numpy())
    return is_known & (likeness >= _SAME_NAME) & is_side.to_numpy(), other


def _holders(pairs: pd.DataFrame) -> tuple[Flags, Flags]:
    """Where one body answers for both, maybe under two spellings, and where two bodies do."""
    one, other = pairs["my_steward"], pairs["their_steward"]
    is_known = (one.notna() & other.notna()).to_numpy()
    like = cpdist(
        pairs["my_holder"].tolist(), pairs["their_holder"].tolist(), scorer=fuzz.ratio,
        dtype=np.float64,
    )  # fmt: skip
    is_number = (pairs["my_holder_numbers"] == pairs["their_holder_numbers"]).to_numpy()
    is_side = (_sides(pairs["my_holder"]) == _sides(pairs["their_holder"])).to_numpy()
    is_alike = (np.asarray(like) >= _SAME_NAME * 100) & is_number & is_side
    is_same = is_known & ((one == other).to_numpy() | is_alike)
    return is_same, is_known & ~is_same


def _is_named_part(pairs: pd.DataFrame) -> Flags:
    """3号楼 and 三栋 of one property; without a number, most parts bear the name of others."""
    return np.asarray(
        (pairs["my_label"] == pairs["their_label"])
        & (pairs["my_label"] != "")
        & (pairs["my_name_numbers"] != "")
        & (pairs["my_name_numbers"] == pairs["their_name_numbers"])
        & pairs["is_same_parent"]
    )


def _sides(texts: pd.Series) -> pd.Series:
    return texts.str.replace(f"[^{wording.DIRECTIONS}]", "", regex=True)
