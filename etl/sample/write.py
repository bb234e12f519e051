"""Writes the sample city's files into a folder, in the order they are loaded."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from etl.sample import cards, geofiles, ledger, lists, national, parcels, plans, register, seats
from etl.sample.city import City, Progress, build_city
from etl.sample.manifest import MANIFEST
from etl.sample.mistakes_layers import plant_layers, plant_parcels
from etl.sample.mistakes_ledger import plant_ledger
from etl.sample.mistakes_lists import (
    plant_housing,
    plant_locations,
    plant_meters,
    plant_register,
)
from etl.sample.mistakes_national import (
    plant_again,
    plant_offices,
    plant_rank_label,
    plant_technical,
)
from etl.sample.quantities import MARK, SEED, SURVEY_ON
from etl.sample.tables import AGAIN, DATA, EXTRA, Planter, Sheet
from etl.sample.towns import CITY, LOCAL_SRID, REPORTERS
from etl.sample.truth import totals, write_card_differences, write_truth
from etl.sample.workbooks import write_workbook
from gis.crs import STORAGE_SRID

_README: Final = "说明.txt"
_MISLABELLED: Final = "320413"
"""The district whose form has a column of posts under a city's label."""


@dataclass(frozen=True)
class WrittenTable:
    """One sheet or layer as written. `extra_rows` of its `data_rows` must be held back."""

    path: str
    profile: str
    table: str
    datum: str | None
    data_rows: int
    extra_rows: int


@dataclass(frozen=True)
class SampleSummary:
    """What was written; areas in m2 as text with two decimals."""

    directory: str
    scale: float
    seed: int
    organizations: int
    properties: int
    service_area_m2: str
    central_area_m2: str
    buildings: int
    rooms: int
    housing_units: int
    energy_bodies: int
    metering_points: int
    planted_mistakes: int
    tables: tuple[WrittenTable, ...]


def _silent(_key: str, _share: float) -> None:
    """Progress nobody watches."""


def write_city(
    directory: Path, *, scale: float = 1.0, seed: int = SEED, progress: Progress = _silent
) -> SampleSummary:
    """Write all files of the sample city; the same scale and seed give the same bytes.

    Args:
        directory: Folder to write into; made if missing, files of the same names replaced.
        scale: Times the size of the real city, 0.05 to 100.
        seed: Another seed gives another city of the same totals.
        progress: Called with a message key and the share done.

    Raises:
        InputError: The scale is out of range, or the districts have no room for so many lots.
    """
    city = build_city(scale, seed, progress)
    planter = Planter(seed)
    directory.mkdir(parents=True, exist_ok=True)
    progress("sample.step.workbooks", 0.3)
    tables = _write_workbooks(directory, city, planter)
    progress("sample.step.layers", 0.5)
    tables += _write_layers(directory, city, planter)
    progress("sample.step.lists", 0.85)
    tables += _write_lists(directory, city, planter)
    tables += _write_housing(directory, city, planter)
    people = seats.seat_sheet(city, planter)
    lists.write_list(directory / people.file, people, seats.ENCODING)
    write_truth(directory, city, planter.mistakes)
    drawn = plans.write_plans(directory, city)
    seats.write_seats(directory, city)
    _write_readme(directory, city)
    summary = _summary(directory, city, scale, len(planter.mistakes), tables)
    content = {"mark": MARK, "survey_on": SURVEY_ON, "scale": scale, "seed": seed}
    content["compared"] = [cards.FILE]
    content["plans"] = drawn
    content["people"] = [seats.FILE]
    content["tables"] = [asdict(table) for table in tables]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
    progress("sample.step.done", 1.0)
    return summary


def _written(sheets: Sequence[Sheet], profile: str, datum: str | None = None) -> list[WrittenTable]:
    return [
        WrittenTable(
            sheet.file,
            profile,
            sheet.name,
            datum,
            sheet.count(DATA) + sheet.count(EXTRA) + sheet.count(AGAIN),
            sheet.count(EXTRA),
        )
        for sheet in sheets
    ]


def _write_workbooks(directory: Path, city: City, planter: Planter) -> list[WrittenTable]:
    registers = register.register(city)
    plant_register(planter, registers)
    write_workbook(directory / register.FILE, registers)
    tables = _written(registers, "organizations")
    books = list(national.national_workbooks(city))
    for reporter, sheets in zip(REPORTERS, books, strict=True):
        if reporter is not CITY and reporter.code == reporter.division_code:
            plant_again(planter, books[0][1], sheets[1], reporter.code)
        if reporter.code == _MISLABELLED:
            plant_rank_label(planter, sheets[1], "科级以下", "局（处）级以下")
    for sheets in books:
        for sheet in sheets:
            if sheet.shared:
                plant_offices(planter, sheet, city.bodies)
            elif sheet.name == national.TECHNICAL:
                plant_technical(planter, sheet, city.bodies)
        write_workbook(directory / sheets[0].file, sheets)
        tables += _written(sheets, "national-survey")
    book = ledger.ledger(city)
    plant_ledger(planter, book, city.bodies)
    write_workbook(directory / book.file, [book])
    _write_cards(directory, city, book)
    return tables + _written([book], "service-ledger")


def _write_cards(directory: Path, city: City, book: Sheet) -> None:
    """The finance system's cards: compared with the register, or loaded after all else."""
    sheet, differences = cards.card_sheet(city, book)
    write_workbook(directory / sheet.file, [sheet])
    write_card_differences(directory, differences)


def _write_layers(directory: Path, city: City, planter: Planter) -> list[WrittenTable]:
    layers, extra = plant_layers(planter, geofiles.footprint_layers(city))
    geofiles.write_geopackage(directory / geofiles.GEOPACKAGE, layers)
    land = plant_parcels(planter, parcels.parcel_frame(city))
    parcels.write_parcels(directory / parcels.FILE, land)
    datum = f"EPSG:{STORAGE_SRID}"
    return [
        *(
            WrittenTable(geofiles.GEOPACKAGE, "footprints", name, datum, len(frame), extra[name])
            for name, frame in layers.items()
        ),
        WrittenTable(parcels.FILE, "parcels", "宗地", f"EPSG:{LOCAL_SRID}", len(land), 0),
    ]


def _write_lists(directory: Path, city: City, planter: Planter) -> list[WrittenTable]:
    places = lists.locations(city)
    plant_locations(planter, places, lists.true_locations(city))
    lists.write_list(directory / places.file, places, lists.LOCATIONS_ENCODING)
    points = lists.meters(city)
    plant_meters(planter, points, city.bodies)
    lists.write_list(directory / points.file, points, lists.METERS_ENCODING)
    return [
        *_written([places], "institution-locations", "GCJ-02"),
        *_written([points], "metering-points"),
    ]


def _write_housing(directory: Path, city: City, planter: Planter) -> list[WrittenTable]:
    homes = register.housing_ledger(city)
    plant_housing(planter, homes)
    write_workbook(directory / homes.file, [homes])
    return _written([homes], "public-housing")


def _write_readme(directory: Path, city: City) -> None:
    text = (
        f"{MARK}\n\n"
        "本目录中的单位、人员、房产、坐标均为虚构，仅行政区划名称和代码为真实信息；"
        "街道、乡镇名称亦为虚构。\n"
        f"数据日期：{SURVEY_ON}。文件清单及装载顺序见 {MANIFEST}。\n"
        "文件中按《党政机关办公用房》统计常见差错有意埋设了错误，"
        "明细见 truth/planted_errors.csv，正确装载后的合计见 truth/totals.json。\n"
        f"{cards.FILE} 模拟财务系统导出的资产卡片，用来与房产台账核对，也可最后装载；"
        "应列出的差异见 truth/card_differences.csv。\n"
        f"{plans.PLANS}/ 是几层办公楼的 DXF 平面图，同样埋设了错误，见 truth/plan_faults.csv、"
        "truth/plan_rooms.csv；用 onemap plan check 核对。\n"
        f"{seats.FILE} 按人逐行列出部分办公室的使用人（只有人员编号，没有姓名），在房间之后装载；"
        "真值见 truth/seats.csv。\n"
        f"房产 {len(city.properties)} 处，房间 {len(city.rooms.number)} 间。\n"
    )
    (directory / _README).write_text(text, encoding="utf-8")


def _summary(
    directory: Path, city: City, scale: float, mistakes: int, tables: Sequence[WrittenTable]
) -> SampleSummary:
    figures = totals(city)
    return SampleSummary(
        directory=str(directory),
        scale=scale,
        seed=city.seed,
        organizations=len(city.bodies.agencies) + len(city.bodies.services),
        properties=len(city.properties),
        service_area_m2=figures["service_bodies"]["gross_area_m2"],
        central_area_m2=figures["agencies"]["central"]["gross_area_m2"],
        buildings=len(city.buildings),
        rooms=len(city.rooms.number),
        housing_units=figures["housing"]["units"],
        energy_bodies=len(city.energy_bodies),
        metering_points=len(city.meters),
        planted_mistakes=mistakes,
        tables=tuple(tables),
    )
