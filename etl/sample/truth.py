"""The truth beside the files: what was planted, and the figures a correct load ends with."""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Final

from etl.sample.agencies import AGENCY, Organization
from etl.sample.cards import CardDifference
from etl.sample.city import City
from etl.sample.geofiles import site_number
from etl.sample.properties import Property
from etl.sample.quantities import MARK, square_metres
from etl.sample.tables import Mistake
from etl.sample.towns import DISTRICTS, REPORTERS

FOLDER: Final = "truth"


def write_truth(directory: Path, city: City, mistakes: Sequence[Mistake]) -> None:
    """Four files in `truth/`: planted mistakes, totals, organisations, properties."""
    folder = _folder(directory)
    _write(
        folder / "planted_errors.csv",
        ["class" if f.name == "mistake_class" else f.name for f in fields(Mistake)],
        [astuple(mistake) for mistake in mistakes],
    )
    text = json.dumps(totals(city), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "totals.json").write_text(text + "\n", encoding="utf-8")
    _write_organizations(folder / "organizations.csv", city)
    _write_properties(folder / "properties.csv", city)


def write_card_differences(directory: Path, differences: Sequence[CardDifference]) -> None:
    """`truth/card_differences.csv`: what the comparison of the two ledgers has to list."""
    _write(
        _folder(directory) / "card_differences.csv",
        [field.name for field in fields(CardDifference)],
        [astuple(one) for one in differences],
    )


def write_rows(
    directory: Path, name: str, titles: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """A file of `truth/`."""
    _write(_folder(directory) / name, titles, rows)


def _folder(directory: Path) -> Path:
    folder = directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, titles: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(titles)
        writer.writerows(rows)


def totals(city: City) -> dict[str, Any]:
    """The reconciliation figures; areas are text with two decimals, so nothing is rounded."""
    agencies = [made for made in city.properties if made.population == AGENCY]
    services = [made for made in city.properties if made.population != AGENCY]
    homes = [home for compound in city.compounds for home in compound.homes]
    return {
        "mark": MARK,
        "agencies": _agency_totals(city, agencies),
        "service_bodies": _service_totals(city, services),
        "by_district": {
            district.code: {
                "name": district.name,
                "agencies": _figures([m for m in agencies if m.district is district]),
                "service_bodies": _figures([m for m in services if m.district is district]),
            }
            for district in DISTRICTS
        },
        "buildings": len(city.buildings),
        "rooms": len(city.rooms.number),
        "room_usable_area_m2": _sum(city.rooms.usable.tolist()),
        "housing": {
            "units": len(homes),
            "compounds": len(city.compounds),
            "gross_area_m2": _sum(home.gross for home in homes),
        },
        "energy": {
            "bodies": len(city.energy_bodies),
            "linked_bodies": sum(body.linked is not None for body in city.energy_bodies),
            "metering_points": len(city.meters),
            "by_source": dict(Counter(meter.source for meter in city.meters)),
        },
    }


def _agency_totals(city: City, properties: Sequence[Property]) -> dict[str, Any]:
    bodies = city.bodies.agencies
    return {
        "units": sum(not body.is_township for body in bodies),
        "townships": sum(body.is_township for body in bodies),
        "quota": sum(body.quota for body in bodies),
        **_figures(properties),
        "auxiliary_area_m2": _sum(made.auxiliary for made in properties),
        "technical_area_m2": _sum(made.technical for made in properties),
        "central": _figures([made for made in properties if made.is_central]),
        "by_reporter": {
            reporter.code: _figures([made for made in properties if made.reporter is reporter])
            for reporter in REPORTERS
        },
    }


def _service_totals(city: City, properties: Sequence[Property]) -> dict[str, Any]:
    return {
        "units": len(city.bodies.services),
        "quota": sum(body.quota for body in city.bodies.services),
        **_figures(properties),
        "use_m2": {
            "let": _sum(made.let for made in properties),
            "lent": _sum(made.lent for made in properties),
            "idle": _sum(made.idle for made in properties),
        },
    }


def _sum(parts: Any) -> str:
    return str(square_metres(sum(parts)))


def _figures(properties: Sequence[Property]) -> dict[str, Any]:
    return {
        "properties": len(properties),
        "gross_area_m2": _sum(made.gross for made in properties),
    }


def _write_organizations(path: Path, city: City) -> None:
    titles = [
        "name",
        "short_name",
        "former_name",
        "credit_code",
        "population",
        "kind",
        "level",
        "superior",
        "reporter_code",
        "quota",
        "actual",
        "non_quota",
        "energy_users",
    ]
    bodies: list[Organization] = [*city.bodies.agencies, *city.bodies.services]
    rows = [
        [
            body.name,
            body.short_name,
            body.former_name,
            body.credit_code,
            body.population,
            body.kind,
            body.level,
            body.superior,
            body.district.code,
            body.quota,
            body.actual,
            body.non_quota,
            body.energy_users,
        ]
        for body in bodies
    ]
    _write(path, titles, rows)


def _write_properties(path: Path, city: City) -> None:
    titles = [
        "number",
        "population",
        "code",
        "site",
        "building",
        "address",
        "reporter_code",
        "district_code",
        "central",
        "gross_area_m2",
        "office_area_m2",
        "technical_area_m2",
        "auxiliary_area_m2",
        "land_area_m2",
        "buildings",
        "users",
    ]
    rows = [
        [
            made.number,
            made.population,
            made.code,
            site_number(made.number) if made.is_fenced else None,
            f"D{made.lot.buildings[0].number:07d}",
            made.address,
            made.reporter.code,
            made.district.code,
            int(made.is_central),
            *(
                square_metres(area)
                for area in (
                    made.gross,
                    made.office,
                    made.technical,
                    made.auxiliary,
                    made.lot.land_area,
                )
            ),
            len(made.lot.buildings),
            "|".join(user.name for user in made.users),
        ]
        for made in city.properties
    ]
    _write(path, titles, rows)
