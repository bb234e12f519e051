"""What a list says of certificates is kept under their numbers, or told."""

from pathlib import Path
from typing import Any

from sqlalchemy import text

from etl.load import LoadOptions, load_file
from gis.db import Database, Role
from tests.conftest import Operator

LIST = """单位名称,机构类型
甲局,机关本级
"""
SITES = """院落编号,名称,地址坐落,产权单位,产权证号,发证日期,证载面积,土地证号,土地证载面积
S1,甲院,甲路1号,,苏(2020)示例不动产权第0000001号,2020-01-01,,,
S2,乙院,乙路2号,甲局,苏(2020)示例不动产权第0000001号,,,,
S3,丙院,丙路3号,无人知晓公司,苏(2020)示例不动产权第0000001号,2021-01-01,,,
S4,丁院,丁路4号,,,2021-05-01,300,,400
S5,戊院,戊路5号,,,,,常国用(2010)第1号,500
"""


def _load(city: Database, operator: Operator, path: Path, words: str, **options: Any) -> int:
    path.write_text(words, "utf-8")
    chosen = LoadOptions(any_area=True, **options)
    result = load_file(city, path, token=operator.token, options=chosen)
    assert result.inserted == result.rows
    return result.load_id or 0


def test_what_has_no_number_to_stand_under_and_what_differs_under_one_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "list.csv", LIST)
    load_id = _load(city, operator, tmp_path / "a.csv", SITES, profile="site")
    with city.engine(Role.OWNER).connect() as conn:
        told = conn.execute(
            text(
                "SELECT row_number, column_header, rule, params FROM staging.issue"
                " WHERE load_id = :id AND split_part(rule, '.', 1)"
                " IN ('column', 'title', 'owner') ORDER BY row_number, column_number, rule"
            ),
            {"id": load_id},
        ).all()
        titles = conn.execute(
            text("SELECT number, owner_name, issued_on::text FROM place.title ORDER BY kind")
        ).all()
    number = "column.not_kept.no_number"
    assert [tuple(one) for one in told] == [
        (0, "发证日期", number, {"count": 1}),
        (0, "证载面积", number, {"count": 1}),
        (0, "土地证载面积", number, {"count": 1}),
        (4, "产权单位", "owner.not_in_directory.rows", {"count": 1}),
        (4, "产权单位", "title.differs", {"other": 3}),
        (4, "发证日期", "title.differs", {"other": 2}),
    ]
    assert [tuple(one) for one in titles] == [
        ("苏(2020)示例不动产权第0000001号", "甲局", "2020-01-01"),
        ("常国用(2010)第1号", None, None),
    ]


NAMES = """单位名称,简称,机构类型
常州市档案局,档案局,机关本级
常州市财政局,财政局,机关本级
天宁区财政局,财政局,机关本级
城管局,,机关本级
常州市城市管理局,城管局,机关本级
"""
OWNED = "院落编号,名称,地址坐落,行政区划代码,产权单位,产权证号\n" + "".join(
    f"S{at},{at}号院,甲路{at}号,320402,{owner},苏(2020)示例不动产权第000000{at}号\n"
    for at, owner in enumerate(("档案局", "财政局", "城管局", "常州市档案局"), start=1)
)


def test_a_short_name_of_one_body_owns_like_its_full_name_and_of_several_is_told(
    city: Database, operator: Operator, tmp_path: Path
) -> None:
    _load(city, operator, tmp_path / "list.csv", NAMES)
    load_id = _load(city, operator, tmp_path / "a.csv", OWNED, profile="site")
    with city.engine(Role.OWNER).connect() as conn:
        owners = conn.execute(
            text(
                "SELECT p.code, o.name, t.owner_id = o.organization_id FROM place.place AS p"
                " JOIN estate.holding AS h ON h.place_id = p.place_id AND h.kind = 'owns'"
                " JOIN estate.holding_party AS party USING (holding_id)"
                " JOIN organization.organization AS o ON o.organization_id = party.holder_id"
                " JOIN place.title_place AS l ON l.place_id = p.place_id"
                " JOIN place.title AS t USING (title_id) ORDER BY 1"
            )
        ).all()
        told = conn.execute(
            text(
                "SELECT row_number, rule, suggestion FROM staging.issue"
                " WHERE load_id = :id AND rule LIKE 'owner.%' ORDER BY row_number"
            ),
            {"id": load_id},
        ).all()
    assert [tuple(one) for one in owners] == [
        ("S1", "常州市档案局", True), ("S3", "城管局", True), ("S4", "常州市档案局", True),
    ]  # fmt: skip
    assert [tuple(one) for one in told] == [
        (2, "owner.alias", "常州市档案局"),
        (3, "owner.not_in_directory.rows", None),
    ]
