"""A load and an undo reach no further than the account that asks for them."""

from datetime import date
from pathlib import Path

import pytest
from handed_in import footprints, open_account, register_state
from sqlalchemy import text

from etl.load import LoadOptions, check_file, load_file
from etl.undo import undo_load
from gis.db import Database, Role, transaction
from gis.errors import Forbidden
from gis.rights.actions import Grant
from tests.conftest import Operator

ANYWHERE = LoadOptions(any_area=True)
# The footprints lie in this district, and not in the other.
HERE = Grant(role="clerk", admin_area_code="320404")
ELSEWHERE = Grant(role="clerk", admin_area_code="320481")


def _inserted(city: Database, path: Path, token: str | None) -> int:
    result = load_file(city, path, token=token, options=ANYWHERE)
    assert result.inserted
    return result.load_id or 0


def _bodies(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(("单位名称,机构类型,上级单位", *lines, "")), encoding="gb18030")
    return path


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_nobody_loads_checks_or_undoes(
    city: Database, operator: Operator, tmp_path: Path, token: str | None
) -> None:
    path = footprints(tmp_path / "f.gpkg")
    load_id = _inserted(city, path, operator.token)
    before = register_state(city)
    with pytest.raises(Forbidden):
        load_file(city, path, token=token, options=ANYWHERE)
    with pytest.raises(Forbidden):
        check_file(city, path, token=token, options=ANYWHERE)
    with pytest.raises(Forbidden):
        undo_load(city, load_id, token=token)
    assert register_state(city) == before


def test_an_account_without_the_right_loads_nothing(city: Database, tmp_path: Path) -> None:
    path = footprints(tmp_path / "f.gpkg")
    token = open_account(city, "clerk", ELSEWHERE)
    before = register_state(city)
    with pytest.raises(Forbidden) as refused:
        load_file(city, path, token=token, options=ANYWHERE)
    assert refused.value.params["count"] == 3
    with pytest.raises(Forbidden):
        check_file(city, path, token=token, options=ANYWHERE)
    assert register_state(city) == before


def test_a_clerk_loads_and_takes_back_what_lies_in_the_clerks_district(
    city: Database, tmp_path: Path
) -> None:
    token = open_account(city, "clerk", HERE)
    empty = register_state(city)
    load_id = _inserted(city, footprints(tmp_path / "f.gpkg"), token)
    undo_load(city, load_id, token=token)
    assert register_state(city) == empty


def test_only_who_brought_a_load_takes_it_back(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    load_id = _inserted(city, footprints(tmp_path / "f.gpkg"), operator.token)
    before = register_state(city)
    for grant in (HERE, ELSEWHERE):
        with pytest.raises(Forbidden):
            undo_load(city, load_id, token=open_account(city, "clerk", grant))
    assert register_state(city) == before


def test_who_lost_the_right_to_the_rows_takes_nothing_back(city: Database, tmp_path: Path) -> None:
    load_id = _inserted(city, footprints(tmp_path / "f.gpkg"), open_account(city, "clerk", HERE))
    token = open_account(city, "clerk", ELSEWHERE)
    before = register_state(city)
    with pytest.raises(Forbidden) as refused:
        undo_load(city, load_id, token=token)
    assert refused.value.key == "load.forbidden"
    assert register_state(city) == before


@pytest.mark.parametrize("line", ["财政局,机关本级,我局", "财政局,事业单位,"])
def test_a_clerk_changes_no_body_that_was_there_before(
    city: Database, operator: Operator, tmp_path: Path, line: str
) -> None:
    # Who stands under whom decides rights: a clerk who could move a body would see its places.
    _inserted(
        city, _bodies(tmp_path / "all.csv", "财政局,机关本级,", "我局,机关本级,"), operator.token
    )
    with city.engine(Role.OWNER).connect() as conn:
        ours = conn.execute(
            text("SELECT organization_id FROM organization.organization WHERE name = '我局'")
        ).scalar_one()
    token = open_account(city, "clerk", Grant(role="clerk", organization_id=ours))
    before = register_state(city)
    with pytest.raises(Forbidden):
        load_file(city, _bodies(tmp_path / "mine.csv", line), token=token, options=ANYWHERE)
    assert register_state(city) == before


@pytest.mark.parametrize(
    "grant", [None, Grant("viewer"), Grant("officer", domain="campaign"), Grant("system_admin")]
)
def test_who_writes_nowhere_adds_no_body(
    city: Database, tmp_path: Path, grant: Grant | None
) -> None:
    # An empty register has no cell that anybody could lack: the grants are asked.
    token = open_account(city, "viewer", *([grant] if grant else []))
    path = _bodies(tmp_path / "new.csv", "新局,机关本级,")
    before = register_state(city)
    for act in (load_file, check_file):
        with pytest.raises(Forbidden) as refused:
            act(city, path, token=token, options=ANYWHERE)
        assert refused.value.key == "load.forbidden"
    assert register_state(city) == before
    clerk = open_account(city, "clerk", HERE)
    assert load_file(city, path, token=clerk, options=ANYWHERE).inserted == 1


def test_a_clerk_says_what_is_known_of_the_own_body_for_a_later_day(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    def listed(name: str, people: int) -> Path:
        path = tmp_path / f"{people}.csv"
        path.write_text(f"单位名称,编制数\n{name},{people}\n", "utf-8")
        return path

    def on(day: date) -> LoadOptions:
        return LoadOptions(any_area=True, as_of=day)

    first = load_file(city, listed("我局", 30), token=operator.token, options=on(date(2025, 9, 30)))
    with city.engine(Role.OWNER).connect() as conn:
        ours = conn.execute(
            text("SELECT organization_id FROM organization.organization")
        ).scalar_one()
    token = open_account(city, "clerk", Grant(role="clerk", organization_id=ours))
    before = register_state(city)
    second = load_file(city, listed("我局", 31), token=token, options=on(date(2026, 9, 30)))
    assert (first.inserted, second.inserted, second.rejected) == (1, 0, 0)
    after = register_state(city)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        "organization.organization", "organization.headcount", "organization.headcount_total"
    }  # fmt: skip
    undo_load(city, second.load_id or 0, token=token)
    assert register_state(city) == before
    # A day moves with what a file changes too: that is refused as ever.
    path = tmp_path / "renamed.csv"
    path.write_text("单位名称,机构类型\n我局,事业单位\n", "utf-8")
    with pytest.raises(Forbidden):
        load_file(city, path, token=token, options=on(date(2026, 9, 30)))
    assert register_state(city) == before


def test_a_clerk_makes_no_body_the_heir_of_another(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _inserted(
        city, _bodies(tmp_path / "all.csv", "财政局,机关本级,", "我局,机关本级,"), operator.token
    )
    path = tmp_path / "heirs.csv"
    path.write_text(
        "原单位名称,现单位名称,变更方式,变更日期\n财政局,我局,合并,2024-01-01\n", "gb18030"
    )
    token = open_account(city, "clerk", HERE)
    before = register_state(city)
    with pytest.raises(Forbidden):
        load_file(city, path, token=token, options=ANYWHERE)
    assert register_state(city) == before
    assert load_file(city, path, token=operator.token, options=ANYWHERE).rejected == 0


@pytest.mark.parametrize("table", ["staging.load", "staging.issue", "staging.held_row"])
def test_the_cells_of_a_file_are_for_who_brought_it(
    city: Database, operator: Operator, tmp_path: Path, table: str
) -> None:
    path = footprints(tmp_path / "f.gpkg", 3, 建筑面积=["一百", "200", "300"], 层数=["x", "2", "3"])
    path = tmp_path / "floors.csv"
    path.write_text("要素编号,建筑编号,层号,层名\nL1,D9999,1,1F\n", encoding="utf-8")
    load_file(city, path, token=operator.token, options=ANYWHERE)

    def seen(token: str | None) -> int:
        with transaction(city.engine(Role.WEB), token) as conn:
            return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    assert seen(operator.token) == 1
    assert seen(open_account(city, "clerk", HERE)) == 0
    assert seen(None) == 0
