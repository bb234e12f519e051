"""Who a room sheet says sits in its rooms, row by row, for staging."""

from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from etl.pack import fold, load_pack
from etl.prepare import Sheet

_NAMES: Final = ("user_name", "keeper_name")
_MARKS: Final = "、,，;；/\n"
"""Between the names of a cell."""


def person_rows(sheet: Sheet) -> pa.Table | None:
    """One row per row that says who sits in its room; null where the sheet says nothing of it.

    A name alone says so where several share the room; of one alone it says nothing to be judged.
    """
    rule, values = sheet.contract.place, sheet.cleaned.values
    if rule is None or not any(name in values for name in rule.people):
        return None
    table = sheet.table

    def texts(name: str) -> pd.Series:
        return sheet.cleaned.text(name) if name in values else pd.Series([None] * len(table.rows))

    names = texts(_NAMES[0])
    names = names.where(names.notna(), texts(_NAMES[1]))
    told = [texts(name) for name in ("post_name", "post_rank", "person_key")]
    is_several = pd.Series(table.group).duplicated(keep=False).to_numpy()
    says = np.logical_or.reduce([one.notna().to_numpy() for one in told])
    says |= names.notna().to_numpy() & is_several
    taken = np.flatnonzero(says & ~sheet.is_rejected)
    if not len(taken):
        return None
    ranks = load_pack().enums.get("rank", {})
    columns = {
        "row_number": table.group[taken],
        "person_row": table.rows[taken],
        **{
            name: one.iloc[taken].to_numpy(dtype=object)
            for name, one in zip(("post_name", "post_rank", "person_key"), told, strict=True)
        },
        "person_name": names.iloc[taken].to_numpy(dtype=object),
    }
    rows = pd.DataFrame(columns).astype(object).where(lambda found: found.notna(), None)
    known = {word: ranks.get(fold(word)) for word in rows["post_rank"].dropna().unique()}
    rows["rank_code"] = rows["post_rank"].map(known).astype(object)
    rows["rank_code"] = rows["rank_code"].where(rows["rank_code"].notna(), None)
    named = rows["person_name"].astype("string").str.strip(_MARKS).str.count(f"[{_MARKS}]+") + 1
    rows["heads"] = named.fillna(1).clip(lower=1).astype("int64")
    return pa.Table.from_pandas(rows, preserve_index=False)
