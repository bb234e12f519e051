"""The finance system's cards against the register: what only one of the two knows, what differs.

A card finds its property by its number, by certificate, or by address; what only resembles one is
a question, listed by itself, and counts neither as found nor as missing. Nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process, utils
from sqlalchemy import text

from assets.estate.contracts.cards import ASSET_CARD
from assets.estate.reconciled import UNVERIFIED_RULES
from assets.report import Report, ReportColumn, ReportTable
from etl.clean import Cleaned
from etl.meaning import meant_sheets
from etl.pack import PACKS, fold, load_pack
from etl.prepare import prepare
from etl.read import read_source
from gis.db import Database, Role, transaction
from gis.errors import SourceError
from gis.places.counted import counted_areas, uses_unverified_rules
from gis.places.then import places_as_of
from gis.places.vocabulary import IN_FORCE, IS_OPEN

NAME: Final = "cards"
AREA_TOLERANCE_M2: Final = 0.5
VALUE_TOLERANCE_YUAN: Final = 0.01
_SIMILAR: Final = 85.0
"""Of a hundred: how alike an address and a name must be to be put to a person."""
_LEAST_ADDRESS: Final = 6
"""Characters: shorter addresses stand in too many others."""
_CARDS_AT_ONCE: Final = 500
"""Compared with every open property: so many rows of scores are held at a time."""
_ESTATE_WORDS: Final = "房|楼|土地|用地|院|构筑|库|宿舍"
_ESTATE_CLASS: Final = "1"
"""Class of land, houses and structures in the national classification of fixed assets of 2010."""
_REGISTER: Final = f"""
SELECT p.place_id, p.code, p.name, p.address, area.name AS district, p.use_status,
       coalesce(s.is_leased_in, b.is_leased_in, false) AS is_leased_in,
       coalesce(s.book_value_yuan, b.book_value_yuan) AS book_value, gross.area_m2 AS gross_area,
       (SELECT array_agg(DISTINCT i.value) FROM place.identifier AS i
        WHERE i.place_id = p.place_id AND i.scheme = 'asset_card' AND i.valid_to IS NULL) AS cards,
       (SELECT array_agg(DISTINCT t.number) FROM place.title_place AS l
        JOIN place.title AS t USING (title_id)
        WHERE l.place_id = p.place_id AND t.number IS NOT NULL AND t.valid_to IS NULL) AS titles
FROM {{places}} AS p
LEFT JOIN place.site AS s USING (place_id) LEFT JOIN place.building AS b USING (place_id)
LEFT JOIN place.admin_area AS area
  ON area.code = coalesce(p.stated_admin_area_code, p.admin_area_code)
LEFT JOIN {{counted}} AS gross
  ON gross.place_id = p.place_id AND gross.area_kind = 'gross'
WHERE (p.kind = 'site' OR p.kind = 'building' AND p.parent_id IS NULL)
  AND {IN_FORCE.format("p")} AND {IS_OPEN.format("p")}
ORDER BY p.code
"""


_USES: Final = "SELECT term, title_{language} AS title FROM place.term WHERE list = 'use_status'"


@dataclass(frozen=True)
class Comparison:
    """What became of the cards and the properties; frames in the order they are printed."""

    only_ledger: pd.DataFrame
    only_register: pd.DataFrame
    differing: pd.DataFrame
    questions: pd.DataFrame
    counts: Mapping[str, int]


def read_cards(path: Path) -> pd.DataFrame:
    """The cards of land and houses in a file: one row a card, in the file's order.

    Raises:
        SourceError: The file is broken, or is no list of cards.
    """
    source = read_source(path)
    pack = load_pack(PACKS)
    meant = meant_sheets(source, (ASSET_CARD,), pack)
    if not any(one.mapping for one in meant):
        raise SourceError("cards.no_cards", file=source.file)
    prepared = prepare(source, (ASSET_CARD,), pack, datum=None, sheets=meant)
    cards = pd.concat([_frame(sheet.cleaned) for sheet in prepared.sheets], ignore_index=True)
    return cards[_is_estate(cards)].reset_index(drop=True)


def _frame(cleaned: Cleaned) -> pd.DataFrame:
    texts = ("asset_card_code", "name", "category_code", "category_name", "address", "unit_name",
             "use_status", "certificate_no")  # fmt: skip
    numbers = ("gross_area", "land_area", "book_value")
    frame = pd.DataFrame({name: cleaned.text(name) for name in texts})
    frame = frame.assign(**{name: cleaned.number(name) for name in numbers})
    frame = frame.assign(sheet=cleaned.table.sheet, row=cleaned.table.rows)
    return frame[~cleaned.is_rejected]


def _is_estate(cards: pd.DataFrame) -> pd.Series:
    """Land and houses, by class number or name; furniture and vehicles have cards too."""
    number = cards["category_code"].fillna("")
    by_class = number.str.startswith(_ESTATE_CLASS)
    is_number = number.str.fullmatch(r"\d+")
    by_name = cards["category_name"].fillna("").str.contains(_ESTATE_WORDS, regex=True)
    has_area = cards["gross_area"].gt(0) | cards["land_area"].gt(0)
    return by_class.where(is_number, by_name | has_area)


def compare(
    database: Database, token: str, path: Path, as_of: date, *, language: str = "zh"
) -> Report:
    """The report of a card file against what the asking account sees of the register.

    Args:
        database: Where.
        token: The session in whose name.
        path: The file.
        as_of: The day whose properties are compared.
        language: Of the words for a use.

    Raises:
        SourceError: The file is broken, or is no list of cards.
    """
    cards = read_cards(path)
    with transaction(database.engine(Role.OPERATOR), token) as conn:
        counted = counted_areas(conn, as_of, NAME)
        query = _REGISTER.format(counted=counted, places=places_as_of(conn, as_of).by_id)
        known = pd.read_sql_query(text(query), conn, params={"as_of": as_of})
        unverified = uses_unverified_rules(conn, as_of, NAME)
        terms = conn.execute(text(_USES.format(language="en" if language == "en" else "zh")))
        uses: dict[str, str] = {row.term: row.title for row in terms}
    found = compared(cards, known)
    for column in ("ledger_use", "register_use"):
        if column in found.differing:
            found.differing[column] = found.differing[column].map(uses)
    return _report(found, as_of, path.name, unverified=unverified)


def compared(cards: pd.DataFrame, known: pd.DataFrame) -> Comparison:
    """Match cards with properties, surest way first; each card and property is used up by it.

    Args:
        cards: As `read_cards` gives them.
        known: The register's properties.
    """
    cards, known = _with_none(cards), _with_none(known)
    cards = cards.assign(place=pd.array([pd.NA] * len(cards), dtype="Int64"), by=None)
    for by, keys in _ways(cards, known):
        is_open = cards["place"].isna() & keys[0].notna()
        index = keys[1].dropna()
        index = index[~index.duplicated(keep=False)]
        found = keys[0][is_open].map(pd.Series(index.index, index=index.to_numpy()))
        hit = found[found.notna()]
        cards.loc[hit.index, "place"] = hit.astype("Int64")
        cards.loc[hit.index, "by"] = by
    taken = set(cards["place"].dropna())
    questions = _alike(cards[cards["place"].isna()], known[~known.index.isin(taken)])
    asked = set(questions["place"])
    left = cards[cards["place"].isna() & ~cards.index.isin(questions["card"])]
    rest = known[~known.index.isin(taken | asked)]
    # What is rented from others stands in their books.
    rented = rest["is_leased_in"].astype(bool)
    rest = rest[~rented]
    return Comparison(
        only_ledger=left,
        only_register=rest.assign(cards=rest["cards"].map(_joined)),
        differing=_differing(cards[cards["place"].notna()], known),
        questions=_asked(questions, cards, known),
        counts={
            "cards": len(cards), "properties": len(known),
            "matched": int(cards["place"].notna().sum()), "questions": len(questions),
            "only_ledger": len(left), "only_register": len(rest), "leased_in": int(rented.sum()),
        },
    )  # fmt: skip


def _with_none(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with nothing for a missing text, where pandas has a number that counts as true."""
    texts = frame.select_dtypes(exclude="number").columns
    return frame.assign(**{n: frame[n].astype(object).where(frame[n].notna(), None) for n in texts})


def _ways(cards: pd.DataFrame, known: pd.DataFrame) -> list[tuple[str, tuple[Any, Any]]]:
    """Ways to find a property, surest first: key of each card, key of each property."""
    numbers = known["cards"].explode().dropna()
    titles = known["titles"].explode().dropna().map(fold)
    address = known["address"].map(_folded)
    return [
        ("number", (cards["asset_card_code"], numbers)),
        ("certificate", (cards["certificate_no"].map(_folded), titles)),
        ("address_and_name", (_pair(cards), _pair(known))),
        ("address", (cards["address"].map(_folded), address)),
    ]


def _pair(frame: pd.DataFrame) -> pd.Series:
    both = zip(frame["address"].map(_folded), frame["name"].map(_folded), strict=True)
    pairs = [f"{where}|{what}" if where and what else None for where, what in both]
    return pd.Series(pairs, index=frame.index, dtype=object)


def _folded(value: Any) -> str | None:
    return fold(value) if isinstance(value, str) and value.strip() else None


def _alike(cards: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The most similar open property of each open card: a question, never a match."""
    if cards.empty or known.empty:
        return pd.DataFrame({"card": [], "place": [], "score": []})
    said = [_said(row) for row in cards.to_dict("records")]
    names = [_said(row) for row in known.to_dict("records")]
    best, score = np.zeros(len(said), dtype="int64"), np.zeros(len(said))
    for start in range(0, len(said), _CARDS_AT_ONCE):
        some = slice(start, start + _CARDS_AT_ONCE)
        scores = process.cdist(
            said[some], names, scorer=fuzz.token_sort_ratio, processor=utils.default_process,
            score_cutoff=_SIMILAR, dtype=np.float32,
        )  # fmt: skip
        best[some], score[some] = scores.argmax(axis=1), scores.max(axis=1)
    _within(cards, known, best, score)
    found = pd.DataFrame(
        {"card": cards.index, "place": known.index[best], "score": score.round(0).astype(int)}
    )
    return found[found["score"] > 0]


def _within(
    cards: pd.DataFrame, known: pd.DataFrame, best: NDArray[np.int64], score: NDArray[np.float64]
) -> None:
    """Where one address holds the other (`1号` and `1号院内`), names may differ as they like."""
    there = [(place, one) for place, one in enumerate(known["address"].map(_folded)) if one]
    for row, where in enumerate(cards["address"].map(_folded)):
        if score[row] or not where:
            continue
        for place, one in there:
            if min(len(where), len(one)) >= _LEAST_ADDRESS and (where in one or one in where):
                best[row], score[row] = place, max(score[row], fuzz.ratio(where, one))


def _said(row: Mapping[str, Any]) -> str:
    return f"{row['address'] or ''} {row['name'] or ''}".strip()


def _differing(cards: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """One row for each figure that differs; several cards of one property are added up."""
    rows: list[dict[str, Any]] = []
    for place, group in cards.groupby("place", sort=True):
        other = known.loc[int(place)]
        surest = min(group["by"], key=_ORDER.index)
        common = {
            "cards": _joined(group["asset_card_code"]), "code": other["code"],
            "name": other["name"] or other["address"], "by": surest, "sure": _SURE[surest],
        }  # fmt: skip
        for field, tolerance in (
            ("gross_area", AREA_TOLERANCE_M2), ("book_value", VALUE_TOLERANCE_YUAN),
        ):  # fmt: skip
            ours = _figure(other[field])
            theirs = None if group[field].isna().all() else round(float(group[field].sum()), 2)
            if ours is not None and theirs is not None and abs(ours - theirs) > tolerance:
                rows.append({**common, "field": field, "ledger": theirs, "register": ours,
                             "difference": round(theirs - ours, 2)})  # fmt: skip
        said = set(group["use_status"].dropna())
        if len(said) == 1 and other["use_status"] and said != {other["use_status"]}:
            rows.append({**common, "field": "use_status", "ledger_use": said.pop(),
                         "register_use": other["use_status"]})  # fmt: skip
    return pd.DataFrame(rows)


def _asked(questions: pd.DataFrame, cards: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "asset_card_code": cards["asset_card_code"].reindex(questions["card"]).to_numpy(),
            "card_name": cards["name"].reindex(questions["card"]).to_numpy(),
            "card_address": cards["address"].reindex(questions["card"]).to_numpy(),
            "code": known["code"].reindex(questions["place"]).to_numpy(),
            "name": known["name"].reindex(questions["place"]).to_numpy(),
            "address": known["address"].reindex(questions["place"]).to_numpy(),
            "score": questions["score"].to_numpy(),
        }
    )


def _joined(values: Any) -> str | None:
    if values is None or (isinstance(values, float) and np.isnan(values)):
        return None
    return "、".join(str(value) for value in values)


def _figure(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


_ORDER: Final = ("number", "certificate", "address_and_name", "address")
_SURE: Final = {
    "number": "certain", "certificate": "certain", "address_and_name": "likely",
    "address": "likely",
}  # fmt: skip


def _column(field: str, unit: str | None = None, says: str | None = None) -> ReportColumn:
    return ReportColumn(field, f"cards.column.{field}", unit, says)


_TABLES: Final = {
    "differing": (
        _column("cards"), _column("code"), _column("name"),
        _column("field", says="cards.field.{}"), _column("ledger"), _column("register"),
        _column("difference"), _column("ledger_use"), _column("register_use"),
        _column("by", says="cards.by.{}"), _column("sure", says="cards.sure.{}"),
    ),
    "only_ledger": (
        _column("asset_card_code"), _column("name"), _column("category_name"),
        _column("address"), _column("unit_name"), _column("gross_area", "m2"),
        _column("book_value"), _column("row"),
    ),
    "only_register": (
        _column("code"), _column("name"), _column("address"), _column("district"),
        _column("gross_area", "m2"), _column("book_value"), _column("cards"),
    ),
    "questions": (
        _column("asset_card_code"), _column("card_name"), _column("card_address"),
        _column("code"), _column("name"), _column("address"), _column("score"),
    ),
}  # fmt: skip


def _report(found: Comparison, as_of: date, file: str, *, unverified: bool) -> Report:
    tables = tuple(
        ReportTable(name, f"cards.table.{name}", columns, _rows(getattr(found, name)))
        for name, columns in _TABLES.items()
    )
    counts = ("cards.counts", {"file": file, **found.counts})
    footnotes = (counts, *((UNVERIFIED_RULES,) if unverified else ()))
    return Report(NAME, "cards.title", as_of, tables, footnotes)


def _rows(frame: pd.DataFrame) -> Sequence[Mapping[str, Any]]:
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(key): _plain(value) for key, value in row.items()}
            for row in plain.to_dict("records")]  # fmt: skip


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal | np.floating) else value
