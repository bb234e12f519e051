"""How the register numbers places: district, letter of the kind, our own number."""

import re
from typing import Final

PREFIXES: Final = {
    "parcel": "Z",
    "site": "Y",
    "building": "D",
    "structure": "G",
    "section": "S",
    "floor": "L",
    "room": "F",
    "housing_unit": "H",
    "metering_point": "M",
    "premises": "P",
}
"""Letter of each kind; X for any other."""
NO_DISTRICT: Final = "000000"
"""Stands in a code for a district that is not known."""
CODE_TAIL: Final = re.compile(f"[{''.join(sorted({*PREFIXES.values(), 'X'}))}][0-9]{{3,}}", re.I)
"""What follows the district and the hyphen in a code that the register gave."""


def code_tail_sql(kind: str, place_id: str) -> str:
    """SQL of what follows the district in the code that the register gives a place."""
    cases = " ".join(f"WHEN '{name}' THEN '{prefix}'" for name, prefix in PREFIXES.items())
    return (
        f"'-' || (CASE {kind} {cases} ELSE 'X' END)"
        f" || lpad({place_id}::text, greatest(6, length({place_id}::text)), '0')"
    )


def code_sql(area: str, kind: str, place_id: str) -> str:
    """SQL of a new place's code, from SQL of its district (may be null), kind and number."""
    return f"coalesce({area}, '{NO_DISTRICT}') || {code_tail_sql(kind, place_id)}"
