"""How headers are meant: proposed with a confidence, corrected by a person, kept as a profile."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from etl.load import LoadOptions, load_file
from etl.meaning import SheetMeaning, column_keys, fingerprint
from etl.profiles import remove_profile, save_profile
from etl.trial import try_file
from gis.db import Database, Role, transaction
from gis.errors import Conflict, InputError, NotFound, OneMapError, SourceError, unpacked
from gis.i18n import explain
from tests.conftest import Operator

ROWS = """房子叫什么,楼号,建筑面积（平方米）,经度,纬度,说明
甲楼,B001,1200.5,119.95,31.78,好
乙楼,B002,=1+1,119.96,31.78,
"""


def _file(folder: Path, name: str = "楼.csv", content: str = ROWS) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def _look(
    city: Database, operator: Operator, path: Path, options: LoadOptions | None = None
) -> dict[str, Any]:
    chosen = options or LoadOptions(datum="CGCS2000")
    found = try_file(
        city,
        path,
        token=operator.token,
        options=chosen,
        file=path.name,
        progress=lambda step, what: None,
    )
    json.dumps(found)  # it is kept with the job
    return found


def _columns(found: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: one for one in found["sheets"][0]["columns"]}


def _stated(found: dict[str, Any], **fields: str | None) -> SheetMeaning:
    sheet = found["sheets"][0]
    return SheetMeaning(sheet["fingerprint"], "building", fields)


def test_columns_carry_confidence_samples_and_what_else_they_could_be(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path)
    first = _look(city, operator, path)
    options = LoadOptions(datum="CGCS2000", sheets=(_stated(first, 楼号="code"),))
    columns = _columns(_look(city, operator, path, options))
    area = columns["建筑面积（平方米）"]
    assert area["field"] == "gross_area"
    assert area["confidence"] >= 0.8
    assert area["samples"][0] == "1200.5"
    unknown = columns["房子叫什么"]
    assert (unknown["field"], unknown["confidence"]) == (None, 0.0)


def test_a_sheet_that_cannot_be_read_as_it_stands_is_proposed_as_what_it_resembles(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    content = "序号,院子,总建筑面积（㎡）,权属登记情况,经度,纬度\n1,甲院,900,已登记,119.95,31.78\n"
    found = _look(city, operator, _file(tmp_path, content=content))
    [sheet] = found["sheets"]
    assert sheet["contract"] == "building"
    assert sheet["contracts"][0]["name"] == sheet["contract"]
    assert _columns(found)["院子"]["field"] is None
    assert _columns(found)["总建筑面积（㎡）"]["field"] == "gross_area"

    # The sentence says it in the reader's words: no brackets of ours, no layer's initials.
    problem = found["problem"]
    params = {name: unpacked(value) for name, value in problem["params"].items()}
    sentence = explain("zh", OneMapError(problem["key"], **params))
    assert problem["key"] == "load.header_lacks"
    assert "总建筑面积" in sentence
    assert not set("()[]'\"") & set(sentence)
    assert not re.search("[a-z]{6,}", sentence)


def test_what_tells_rows_apart_is_asked_for_in_the_filers_words(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path)
    first = _look(city, operator, path)
    options = LoadOptions(datum="CGCS2000", sheets=(_stated(first, 说明="remark"),))
    problem = _look(city, operator, path, options)["problem"]
    assert problem["key"] == "load.no_key_column"
    assert not re.search("[a-z]{4,}", problem["params"]["fields"])


def test_a_look_shows_cells_as_they_will_be_read_and_keeps_nothing(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path)
    first = _look(city, operator, path)
    stated = _stated(first, 房子叫什么="name", 楼号="code")
    found = _look(city, operator, path, LoadOptions(datum="CGCS2000", sheets=(stated,)))
    assert found["problem"] is None
    assert found["result"]["rows"] == 2
    assert found["result"]["inserted"] == 2
    preview = found["preview"][0]
    fields = [one["field"] for one in preview["columns"]]
    row = dict(zip(fields, preview["rows"][0]["cells"], strict=True))
    assert row["name"] == ["甲楼", "甲楼"]
    assert row["gross_area"] == ["1200.5", "1200.5"]
    assert preview["rows"][1]["issues"][0]["column"] == "建筑面积（平方米）"
    with city.engine(Role.OWNER).connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM place.place")).scalar_one() == 0
        assert conn.execute(text("SELECT count(*) FROM staging.load")).scalar_one() == 0


def test_two_columns_on_one_field_are_a_question_with_both_names(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path, content="楼栋编号,楼号,建筑面积\nB1,B1,100\n")
    first = _look(city, operator, path)
    stated = _stated(first, 楼栋编号="code", 楼号="code")
    found = _look(city, operator, path, LoadOptions(sheets=(stated,)))
    assert found["problem"]["key"] == "load.two_columns_one_field"
    assert found["sheets"][0]["conflicts"] == ["code"]
    mended = _stated(first, 楼栋编号="code", 楼号=None)
    found = _look(city, operator, path, LoadOptions(sheets=(mended,)))
    assert found["problem"] is None


def test_a_missing_datum_is_a_question_and_the_columns_are_proposed_all_the_same(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    path = _file(tmp_path)
    first = _look(city, operator, path, LoadOptions())
    stated = _stated(first, 房子叫什么="name", 楼号="code")
    found = _look(city, operator, path, LoadOptions(sheets=(stated,)))
    assert found["problem"]["key"] == "load.unknown_datum"
    assert _columns(found)["楼号"]["field"] == "code"


def test_a_saved_profile_is_applied_to_the_next_file_with_these_headers(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    first = _look(city, operator, _file(tmp_path))
    sheet = {
        "fingerprint": first["sheets"][0]["fingerprint"],
        "contract": "building",
        "fields": {"房子叫什么": "name", "楼号": "code"},
    }
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        save_profile(conn, "天宁区楼栋", [sheet])
    later = _file(tmp_path, "下一年.csv", ROWS.replace("甲楼", "丙楼"))
    loaded = load_file(city, later, token=operator.token, options=LoadOptions(datum="CGCS2000"))
    assert loaded.inserted == 2
    with city.engine(Role.OWNER).connect() as conn:
        assert "丙楼" in conn.execute(text("SELECT name FROM place.place")).scalars().all()
        assert conn.execute(text("SELECT profile FROM staging.load")).scalar_one() == "天宁区楼栋"


def test_a_named_profile_for_another_file_and_one_that_is_not_there_are_refused(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    sheet = {"fingerprint": "0" * 24, "contract": "building", "fields": {}}
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        save_profile(conn, "别的表", [sheet])
    for name, key in (("别的表", "load.profile_of_another_file"), ("没有", "load.unknown_profile")):
        with pytest.raises((SourceError, InputError)) as refused:
            load_file(
                city,
                _file(tmp_path),
                token=operator.token,
                options=LoadOptions(profile=name, datum="CGCS2000"),
            )
        assert refused.value.key == key


def test_a_profile_is_its_makers_to_change_and_never_takes_a_built_in_name(
    city: Database, operator: Operator
) -> None:
    with transaction(city.engine(Role.WEB), operator.token) as conn:
        save_profile(conn, "甲", [])
        save_profile(conn, "甲", [{"fingerprint": "x", "contract": None, "fields": {}}])
        with pytest.raises(InputError):
            save_profile(conn, "building", [])
        with pytest.raises(NotFound):
            remove_profile(conn, "乙")
    with city.engine(Role.OWNER).begin() as conn:
        conn.execute(
            text(
                "INSERT INTO rights.account (name) VALUES ('other');"
                " UPDATE staging.profile SET account_id ="
                " (SELECT account_id FROM rights.account WHERE name = 'other')"
            )
        )
        conn.execute(
            text(
                'UPDATE rights."grant" SET max_security_class = 1; SELECT rights.recompute_scopes()'
            )
        )
    with (
        transaction(city.engine(Role.WEB), operator.token) as conn,
        pytest.raises(Conflict) as taken,
    ):
        save_profile(conn, "甲", [])
    assert taken.value.key == "profile.name_taken"


def test_headers_keep_their_fingerprint_in_another_order_and_with_other_notes() -> None:
    one = (("面积（㎡）",), (), ("名称",))
    other = (("名 称",), ("面积",))
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint((("名称",),))
    assert column_keys((("甲",), ("甲",), ("乙", "甲"))) == ["甲", "甲 (2)", "乙/甲"]
