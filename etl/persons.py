"""Rows of a room sheet that each speak of somebody who sits there: one room over several rows."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from assets.domain import ColumnContract


def heads_by_person(cells: pd.DataFrame, contract: ColumnContract) -> npt.NDArray[np.int64]:
    """Position of the first row of the room that each row speaks of; rows alone are their own.

    A further row names the same room by its number and somebody else in it, or nothing but somebody
    under a room, as beside merged cells. What repeats a row throughout stays a row of its own: its
    number stands twice.
    """
    own = np.arange(len(cells), dtype="int64")
    rule = contract.place
    people = [name for name in (rule.people if rule else ()) if name in cells]
    if rule is None or not people or not len(cells):
        return own
    says = cells[people].notna().any(axis=1).to_numpy()
    named = [name for name in dict.fromkeys(("code", *rule.told_by)) if name in cells]
    goes_on = cells[named].isna().all(axis=1).to_numpy() & says
    goes_on[0] = False
    above = np.maximum.accumulate(np.where(goes_on, 0, own))
    keys, _distinct = pd.factorize(_room_keys(cells, contract), use_na_sentinel=True)
    several = np.flatnonzero((keys >= 0) & says)
    several = several[pd.Series(keys[several]).duplicated(keep=False).to_numpy(dtype=bool)]
    bodies = [name for name in ("unit_name", "credit_code") if name in cells]
    said = cells[[*people, *bodies]].iloc[several].astype(str).assign(key=keys[several])
    several = several[~said.duplicated(keep="first").to_numpy(dtype=bool)]
    heads = own.copy()
    heads[several] = pd.Series(several).groupby(keys[several]).transform("first").to_numpy()
    return np.asarray(heads[above])


def _room_keys(cells: pd.DataFrame, contract: ColumnContract) -> pd.Series:
    """What tells the room of each row: its number, or all that says where it is; null: nothing."""
    rule = contract.place
    keys = pd.Series([None] * len(cells), index=cells.index, dtype=object)
    told = next((name for name in (rule.told_by if rule else ()) if name in cells), None)
    if rule is not None and told is not None:
        where = [name for name in (*rule.parent_fields, *rule.told_within) if name in cells]
        words = [cells[name].astype(str) for name in (*where, told)]
        joined = words[0].str.cat(words[1:], sep="\x1f")
        keys = joined.where(cells[told].notna(), None)
    if "code" in cells:
        keys = cells["code"].astype(str).where(cells["code"].notna(), keys)
    return keys.reset_index(drop=True)
