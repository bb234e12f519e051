"""The plain lists: where the public institutions are (GCJ-02), and their metering points."""

import csv
import math
from pathlib import Path
from typing import Final

import numpy as np
from fast_geocn import wgs84_to_gcj02

from etl.sample.city import City
from etl.sample.metering import UNITS
from etl.sample.quantities import MARK
from etl.sample.tables import Heading, Sheet
from etl.sample.towns import to_degrees

LOCATIONS: Final = "公共机构位置.csv"
METERS: Final = "计量点.csv"
LOCATIONS_ENCODING: Final = "gb18030"
METERS_ENCODING: Final = "utf-8-sig"


def true_locations(city: City) -> list[tuple[float, float]]:
    """Longitude and latitude (EPSG:4490) of each institution's gate, in register order."""
    local = np.concatenate(
        [
            body.town.to_local(
                np.array([[body.lot.corner[0] + body.lot.width / 2, body.lot.corner[1] + 3.0]])
            )
            for body in city.energy_bodies
        ]
    )
    return [(float(lon), float(lat)) for lon, lat in to_degrees(local)]


def locations(city: City) -> Sheet:
    """One row per public institution, in GCJ-02 as map services give it."""
    titles = ("机构编号", "机构名称", "地址", "行政区划代码", "经度", "纬度", "坐标系", "备注")
    sheet = Sheet(LOCATIONS, "", [Heading(title) for title in titles])
    for body, (longitude, latitude) in zip(city.energy_bodies, true_locations(city), strict=True):
        shifted = wgs84_to_gcj02(longitude, latitude)
        sheet.add(
            [
                body.code,
                body.name,
                body.address,
                body.district.division_code,
                f"{shifted[0]:.6f}",
                f"{shifted[1]:.6f}",
                "GCJ-02",
                MARK,
            ]
        )
    return sheet


def meters(city: City) -> Sheet:
    """One row per metering point; a main meter comes before its sub-meters."""
    titles = [
        "计量点编号",
        "机构编号",
        "机构名称",
        "坐落",
        "能源种类",
        "表计类型",
        "上级计量点编号",
        "用能分项",
        "安装位置",
        "表号",
        "倍率",
        "计量单位",
        "安装日期",
        "状态",
        "备注",
    ]
    sheet = Sheet(METERS, "", [Heading(title) for title in titles])
    for meter in city.meters:
        is_large = meter.source == "电" and meter.parent is None
        sheet.add(
            [
                meter.code,
                meter.body.code,
                meter.body.name,
                meter.body.address,
                meter.source,
                "分表" if meter.parent else "总表",
                meter.parent.code if meter.parent else None,
                meter.item or None,
                meter.spot,
                f"SL{meter.number * 7919 % 10**9:09d}",
                40 if is_large else 1,
                UNITS[meter.source],
                f"{2012 + meter.number % 12}-0{meter.number % 9 + 1}-15",
                "在用" if meter.number % 53 else "停用",
                MARK,
            ]
        )
    return sheet


def write_list(path: Path, sheet: Sheet, encoding: str) -> None:
    """A comma-separated file with Windows line ends, as office programs write it."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow([heading.title for heading in sheet.headings])
        writer.writerows(sheet.rows)


def degrees_minutes_seconds(degrees: float) -> str:
    """An angle as surveyors write it, to a hundredth of a second."""
    seconds = round(degrees * 3600, 2)
    whole, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{math.floor(whole)}°{math.floor(minutes):02d}′{seconds:05.2f}″"
