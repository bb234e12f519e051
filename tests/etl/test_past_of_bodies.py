"""A body as it was on a day: a later directory says who it is now, earlier days keep who it was."""

from datetime import date
from pathlib import Path

import pytest
from handed_in import national_form, register_state
from sqlalchemy import text

from assets.estate.module import MODULE
from assets.estate.queries import place_facts
from assets.estate.reports import surveys
from etl.load import LoadOptions, LoadResult, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Conflict
from gis.places.queries import place_card
from gis.questions import asked_area, collect_places, parse_question
from tests.conftest import Operator

CREDIT_CODE = "91350211M000100Y43"
THEN, NOW, BEFORE = date(2025, 9, 30), date(2026, 9, 30), date(2024, 9, 30)
OLD = ("财政局", "市政府", "市级")
NEW = ("财政和国资局", "区政府", "县级")


def _directory(
    city: Database,
    operator: Operator,
    folder: Path,
    body: tuple[str | None, ...],
    day: date | None,
) -> LoadResult:
    name, superior, level = (one or "" for one in body)
    path = folder / f"{name}-{superior}-{day}.csv"
    path.write_text(
        "单位名称,统一社会信用代码,上级单位,机构层级,机构类型\n"
        f"市政府,,,市级,机关本级\n区政府,,,县级,机关本级\n"
        f"{name},{CREDIT_CODE},{superior},{level},机关本级\n",
        encoding="utf-8",
    )
    options = LoadOptions(any_area=True, as_of=day)
    return load_file(city, path, token=operator.token, options=options)


@pytest.fixture
def held(city: Database, operator: Operator, tmp_path: Path) -> Database:
    """A register with the directory and the census of the earlier day, all places located."""
    _directory(city, operator, tmp_path, OLD, THEN)
    options = LoadOptions(any_area=True, as_of=THEN)
    census = load_file(
        city, national_form(tmp_path / "census.xlsx"), token=operator.token, options=options
    )
    assert census.inserted == 3
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text("UPDATE place.place SET anchor = ST_Point(119.9, 31.8, 4490), located_by = 'own'")
        )
    return city


def _seen(held: Database, operator: Operator, day: date) -> dict[str, object]:
    """What card, area list and survey say of the body on a day."""
    with transaction(held.engine(Role.WEB), operator.token) as conn:
        site = conn.execute(
            text("SELECT place_id FROM place.place WHERE address LIKE '%甲路1号'")
        ).scalar_one()
        card = place_card(conn, site, day).place
        holders = [
            holder.name
            for one in place_facts(conn, site, day).holdings
            for holder in one.holders
            if holder.name != "税务局"
        ]
        question = parse_question({}, day)
        asked = collect_places(conn, question, asked_area(conn, question))
        assert MODULE.area_facts is not None
        listed = MODULE.area_facts.lists["agencies"](conn, asked, 100, 0).rows
        agency = next(row for row in listed if row["name"].startswith("财政"))
        filed = next(
            (survey.reporter_code, unit.name)
            for survey in surveys(conn, day)
            for one in survey.properties
            for unit in one.units
            if unit.name.startswith("财政")
        )
        return {
            "card": (card["steward_name"], card["steward_superior"], *set(holders)),
            "list": (agency["name"], agency["superior"], agency["level"]),
            "survey": filed,
        }


WAS = {
    "card": ("财政局", "市政府", "财政局"),
    "list": ("财政局", "市政府", "city"),
    "survey": ("320400", "财政局"),
}
IS = {
    "card": ("财政和国资局", "区政府", "财政和国资局"),
    "list": ("财政和国资局", "区政府", "county"),
    "survey": ("320402", "财政和国资局"),
}


def test_a_later_directory_leaves_the_body_of_then_readable_and_is_taken_back_exactly(
    held: Database, operator: Operator, tmp_path: Path
) -> None:
    assert _seen(held, operator, THEN) == _seen(held, operator, NOW) == WAS
    before = register_state(held)
    later = _directory(held, operator, tmp_path, NEW, NOW)
    assert (later.updated, later.unchanged) == (1, 2)
    assert _seen(held, operator, THEN) == WAS
    assert _seen(held, operator, NOW) == IS
    again = _directory(held, operator, tmp_path, NEW, NOW)
    assert again.unchanged == 3
    undo_load(held, later.load_id or 0, token=operator.token, and_later=True)
    assert register_state(held) == before
    assert _seen(held, operator, NOW) == WAS


@pytest.mark.parametrize("day", [THEN, None])
def test_a_directory_of_the_same_day_or_of_none_corrects(
    held: Database, operator: Operator, tmp_path: Path, day: date | None
) -> None:
    _directory(held, operator, tmp_path, NEW, day)
    assert _seen(held, operator, THEN) == _seen(held, operator, NOW) == IS


def test_a_directory_of_an_earlier_day_only_fills_gaps(
    held: Database, operator: Operator, tmp_path: Path
) -> None:
    late = _directory(held, operator, tmp_path, NEW, BEFORE)
    assert late.unchanged == 3
    assert _seen(held, operator, NOW) == WAS
    with held.engine(Role.OWNER).begin() as conn:
        conn.execute(text("UPDATE organization.organization SET level_code = NULL"))
    _directory(held, operator, tmp_path, OLD, BEFORE)
    assert _seen(held, operator, NOW) == WAS


def test_every_period_is_kept_and_what_was_never_stated_is_no_period(
    held: Database, operator: Operator, tmp_path: Path
) -> None:
    steps = [
        (date(2026, 1, 1), ("财政局", "区政府", "市级")),
        (date(2026, 2, 1), ("财政局", None, None)),
        (date(2026, 3, 1), ("财政局", "区政府", "县级")),
        (date(2026, 4, 1), ("财政和国资局", "区政府", "县级")),
    ]
    for day, body in steps:
        _directory(held, operator, tmp_path, body, day)
    found = [
        _seen(held, operator, day)["list"]
        for day in (THEN, date(2026, 1, 1), date(2026, 2, 28), date(2026, 3, 31), NOW)
    ]
    assert found == [
        ("财政局", "市政府", "city"),
        ("财政局", "区政府", "city"),
        ("财政局", "区政府", "city"),
        ("财政局", "区政府", "county"),
        ("财政和国资局", "区政府", "county"),
    ]
    with held.engine(Role.OWNER).connect() as conn:
        periods = conn.execute(
            text("SELECT valid_from, valid_to FROM organization.organization_version ORDER BY 2")
        )
        assert [tuple(row) for row in periods] == [
            (None, date(2026, 1, 1)),
            (date(2026, 1, 1), date(2026, 3, 1)),
            (date(2026, 3, 1), date(2026, 4, 1)),
        ]


def test_a_file_may_name_a_body_as_it_was_called_before(
    held: Database, operator: Operator, tmp_path: Path
) -> None:
    _directory(held, operator, tmp_path, NEW, NOW)
    with held.engine(Role.OWNER).connect() as conn:
        before = conn.execute(text("SELECT count(*) FROM organization.organization")).scalar_one()
    options = LoadOptions(any_area=True, as_of=NOW)
    load_file(held, national_form(tmp_path / "again.xlsx"), token=operator.token, options=options)
    with held.engine(Role.OWNER).connect() as conn:
        after = conn.execute(text("SELECT count(*) FROM organization.organization")).scalar_one()
    assert after == before


def test_two_versions_of_a_body_never_meet(held: Database, operator: Operator) -> None:
    add = text(
        "INSERT INTO organization.organization_version"
        " (organization_id, name, valid_from, valid_to)"
        " SELECT organization_id, 'X', :since, :until FROM organization.organization"
        " WHERE name = '财政局'"
    )
    with transaction(held.engine(Role.OWNER), operator.token) as conn:
        conn.execute(add, {"since": None, "until": BEFORE})
        conn.execute(add, {"since": BEFORE, "until": THEN})
    with (
        pytest.raises(Conflict, match="versions_overlap"),
        transaction(held.engine(Role.OWNER), operator.token) as conn,
    ):
        conn.execute(add, {"since": date(2025, 1, 1), "until": NOW})
