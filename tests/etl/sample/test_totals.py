"""The figures of the real reports, exactly, read back from the files as a loader reads them."""

import csv
import json
import re
import unicodedata
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyogrio
import pytest

from etl.sample.agencies import AGENCY
from etl.sample.city import City, build_city
from etl.sample.quantities import quantities_at
from etl.sample.write import SampleSummary
from gis.errors import InputError


def says_m2(cell: object) -> Decimal:
    """What an area cell says, by a reading of its own, apart from the loader's."""
    if isinstance(cell, int | float):
        return Decimal(str(cell)).quantize(Decimal("0.01"))
    text = unicodedata.normalize("NFKC", str(cell)).replace(",", "").replace("约", "")
    number = Decimal(re.match(r"[\d.]+", text)[0])
    return (number * (10_000 if "万" in text else 1)).quantize(Decimal("0.01"))


def national_rows(folder: Path) -> list[list[object]]:
    """The first row of every property of the office sheets, copies and repeats left out."""
    rows = []
    seen = set()
    for path in sorted((folder / "办公用房统计").glob("*.xlsx")):
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets[1:3]:
            if not sheet.title.endswith("）办公用房"):
                continue
            for row in sheet.iter_rows(min_row=5, values_only=True):
                address = row[1] and unicodedata.normalize("NFKC", row[1]).strip()
                if address and address not in seen:
                    seen.add(address)
                    rows.append(list(row))
    return rows


def test_service_ledger_sums_to_the_reported_area(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "事业单位房产台账.xlsx").active
    accepted = {}
    for row in sheet.iter_rows(min_row=5, values_only=True):
        if row[1] and row[1] not in accepted:
            accepted[row[1]] = says_m2(row[9])
    assert len(accepted) == 624
    assert sum(accepted.values()) == Decimal("4939100.00")


def test_national_workbooks_hold_812_properties_and_the_central_area(folder: Path) -> None:
    rows = national_rows(folder)
    central = [row for row in rows if str(row[-1] or "").startswith("集中管理")]
    assert len(rows) == 812
    assert len(central) == 492
    assert sum(says_m2(row[4]) for row in central) == Decimal("920000.00")


def test_totals_file_agrees_with_the_national_workbooks(folder: Path) -> None:
    totals = json.loads((folder / "truth" / "totals.json").read_text(encoding="utf-8"))
    total = sum(says_m2(row[4]) for row in national_rows(folder))
    assert Decimal(totals["agencies"]["gross_area_m2"]) == total
    parts = [by["gross_area_m2"] for by in totals["agencies"]["by_reporter"].values()]
    assert sum(map(Decimal, parts)) == total
    places = totals["by_district"].values()
    for population in ("agencies", "service_bodies"):
        assert (
            sum(place[population]["properties"] for place in places)
            == (totals[population]["properties"])
        )


def test_register_holds_every_body_once(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "机构名录.xlsx")
    agencies = list(book["党政机关"].iter_rows(min_row=5, values_only=True))
    true = [row for row in agencies if row[0] != "补"]
    assert sum(row[6] == "乡级" for row in true) == 36
    assert len(true) == 419 + 36
    assert book["事业单位"].max_row - 4 == 238
    assert book["公共机构"].max_row - 4 == 760


def test_lists_and_layers_hold_their_numbers_beside_the_extras(
    folder: Path, written: SampleSummary
) -> None:
    tables = {table.table or table.path: table for table in written.tables}
    for name, count in (
        ("房间", 60_000),
        ("建筑", written.buildings),
        ("计量点.csv", 5_973),
        ("公共机构位置.csv", 760),
        ("公有住房", 5_000),
        ("房产台账", 624),
    ):
        assert tables[name].data_rows - tables[name].extra_rows == count
    assert pyogrio.read_info(folder / "建筑轮廓.gpkg", layer="房间")["features"] == 60_006
    with (folder / "计量点.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == tables["计量点.csv"].data_rows


def test_every_agency_has_a_property(city: City) -> None:
    housed = {user.credit_code for made in city.properties for user in made.users}
    assert housed == {body.credit_code for body in [*city.bodies.agencies, *city.bodies.services]}


@pytest.mark.parametrize("scale", [0.05, 0.3])
def test_totals_follow_the_scale(scale: float) -> None:
    city = build_city(scale, 7, lambda _key, _share: None)
    amounts = quantities_at(scale)
    agencies = [made for made in city.properties if made.population == AGENCY]
    central = [made.gross for made in agencies if made.is_central]
    services = [made.gross for made in city.properties if made.population != AGENCY]
    assert (len(central), sum(central)) == (amounts.central_properties, amounts.central_area)
    assert (len(services), sum(services)) == (amounts.service_properties, amounts.service_area)
    assert len(city.rooms.number) == amounts.rooms
    assert len(city.meters) == amounts.metering_points


@pytest.mark.parametrize("scale", [0.0, -1.0, 101.0, float("nan")])
def test_a_scale_out_of_range_is_refused(scale: float) -> None:
    with pytest.raises(InputError, match=r"sample\.scale_out_of_range"):
        quantities_at(scale)
