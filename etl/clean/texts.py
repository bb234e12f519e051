"""Texts as they are meant: without stray spaces, and with codes where names were asked for."""

import re
import unicodedata
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.clean.codes import certificate_numbers
from etl.clean.read import Read, plain_text
from etl.issues import IssueList, Severity
from etl.table import Table

FREE_TEXT: Final = frozenset({"remark"})
CERTIFICATES: Final = frozenset({"certificate_no", "land_certificate_no"})
_LISTS: Final = frozenset({"unit_name", "former_names"})
_NAMES: Final = ("unit_name", "owner_name", "name")
_NONE: Final = pa.scalar(None, pa.string())
_STRAY = re.compile(r"^\s|\s$|\s\s|[\u4e00-\u9fff]\s+[\u4e00-\u9fff]|[\u200b-\u200f\ufeff\u3000]")
_BEHIND_NUMBER = re.compile(r"(?<=号)\s+(?=\S)")
_WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
_CREDIT_CODE: Final = r"^[1-9A-Z][0-9A-Z]{17}$"
_DIVISION_CODE: Final = r"^[1-9][0-9]{5}(?:[0-9]{3}|[0-9]{6})?$"
_ANY_CODE: Final = r"^(?:[0-9A-Z]{15,20}|[0-9]{6,14})$"


def read_text(value: Any, field: str) -> Read:
    """A text on one line; where a cell may list several, the line break that parts them stays.

    So do several certificate numbers. Spaces at its ends and between Chinese signs go, full-width
    digits and letters become narrow; both are listed. A free text is only put on one line.
    """
    if field in CERTIFICATES and isinstance(value, str):
        value = value.strip()
        # A break or space behind a whole number parts it from the next one, not from a note.
        if len(certificate_numbers(plain_text(value))) > 1:
            value = _BEHIND_NUMBER.sub("、", value)
    if field in _LISTS and isinstance(value, str):
        lines = [plain_text(line) for line in value.splitlines()]
        text = "、".join(line.strip("、，,;；/ ") for line in lines if line.strip())
        is_stray = value.endswith(("\n", "\r")) or any(map(_STRAY.search, value.splitlines()))
    else:
        text = plain_text(value)
        is_stray = isinstance(value, str) and bool(_STRAY.search(value))
    if field in FREE_TEXT or not isinstance(value, str):
        return Read(text or None)
    text = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", text)
    narrow = _WIDE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    rule = "text.full_width" if narrow != text else "text.spaces" if is_stray else None
    return Read(narrow or None, rule if narrow else None)


def with_codes_for_names(
    table: Table, cleaned: dict[str, pa.Array], issues: IssueList
) -> dict[str, pa.Array]:
    """The columns with credit codes taken for what they are where a body's name was asked for."""
    found = dict(cleaned)
    for field in _NAMES:
        if field not in found or (field == "name" and table.contract.place is not None):
            continue
        array = found[field]
        is_code = pc.fill_null(pc.match_substring_regex(array, _ANY_CODE), False)
        rows = is_code.to_numpy(zero_copy_only=False)
        issues.add(
            sheet=table.sheet,
            rows=table.rows[rows],
            column=table.header(field),
            rule="name.is_code",
            severity=Severity.WARN,
            original=np.array(array.to_pylist(), dtype=object)[rows],
        )
        has_code = any(column.field == "credit_code" for column in table.contract.columns)
        if field == "unit_name" and has_code and rows.any():
            is_credit = pc.fill_null(pc.match_substring_regex(array, _CREDIT_CODE), False)
            known = found.get("credit_code", pa.nulls(len(array), pa.string()))
            found["credit_code"] = pc.coalesce(known, pc.if_else(is_credit, array, _NONE))
            found[field] = pc.if_else(is_credit, _NONE, array)
    return found


def with_divisions(table: Table, cleaned: dict[str, pa.Array]) -> tuple[Table, dict[str, pa.Array]]:
    """A sheet whose only column of districts has names, codes or both, with the codes apart.

    The merge finds the codes of the names. What is said of the code is said of that column.
    """
    fields = table.contract.fields
    if not {"division_name", "division_code"} <= set(fields) or "division_code" in cleaned:
        return table, cleaned
    written = cleaned.get("division_name")
    if written is None:
        return table, cleaned
    is_code = pc.fill_null(pc.match_substring_regex(written, _DIVISION_CODE), False)
    header = table.headers["division_name"]
    return replace(table, headers={**table.headers, "division_code": header}), {
        **cleaned,
        "division_code": pc.if_else(is_code, written, _NONE),
        "division_name": pc.if_else(is_code, _NONE, written),
    }
