"""An address of a street and a number, for files that keep the two apart."""

import pyarrow as pa
import pyarrow.compute as pc

from etl.pack import Pack
from etl.table import Table


def with_address(table: Table, cleaned: dict[str, pa.Array], pack: Pack) -> dict[str, pa.Array]:
    """The cleaned columns with an address where a row has none but a street and a number.

    Which comes first is the country's custom; Chinese ones stand together without a space.
    """
    if not {"street", "house_no"} <= cleaned.keys():
        return cleaned
    order = pack.default_of(table.contract.name, table.headers.values(), "address")
    parts = [cleaned[name] for name in (order or "street house_no").split()]
    joined = pc.binary_join_element_wise(*parts, " " if order else "")
    known = cleaned.get("address")
    return {**cleaned, "address": joined if known is None else pc.coalesce(known, joined)}
