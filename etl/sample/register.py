"""The register of organisations (机构名录) and the housing ledger (公有住房台账)."""

from typing import Final

import numpy as np

from etl.sample.agencies import RANKS, Organization
from etl.sample.city import City
from etl.sample.codes import certificate_number, telephone
from etl.sample.housing import Compound, Home
from etl.sample.national import area
from etl.sample.quantities import MARK, SURVEY_ON, stage
from etl.sample.tables import TOTAL, Cell, Heading, Sheet
from etl.sample.vocabulary import person

FILE: Final = "机构名录.xlsx"
HOUSING_FILE: Final = "公有住房台账.xlsx"
ALL_RANKS: Final = tuple(rank for ranks in RANKS.values() for rank in ranks)
POSTS: Final = "按编制部门正式批复的各职级编制数（人）"
_PEOPLE: Final = "人数（人）"
_NOTE: Final = f"填报日期：{SURVEY_ON}　　说明：本表为{MARK}，单位及人员均为虚构"


def register(city: City) -> list[Sheet]:
    """The four sheets: agencies, service bodies, energy bodies, successions."""
    addresses: dict[str, str] = {}
    for made in city.properties:
        for user in made.users:
            addresses.setdefault(user.credit_code, made.address)
    return [
        _agencies(city, addresses),
        _services(city, addresses),
        _energy_bodies(city),
        _successions(city),
    ]


def _body_headings(superior: str) -> list[Heading]:
    return [
        Heading("序号", width=6),
        Heading("单位名称", width=30),
        Heading("单位简称", width=16),
        Heading("曾用名", width=26),
        Heading("统一社会信用代码", width=22),
        Heading("机构类型"),
        Heading("机构层级"),
        Heading(superior, width=28),
        Heading("行政区划代码"),
        Heading("行政区划名称"),
        Heading("地址", width=34),
        *(Heading(title, _PEOPLE) for title in ("编制人数", "实有人数", "编外人员", "用能人数")),
    ]


_CONTACT: Final = (Heading("联系人"), Heading("联系电话", width=16), Heading("备注", width=20))


def _body_cells(number: int, body: Organization, addresses: dict[str, str]) -> list[Cell]:
    return [
        number,
        body.name,
        body.short_name,
        body.former_name,
        body.credit_code,
        body.kind,
        body.level,
        body.superior or None,
        body.district.division_code,
        body.district.name,
        addresses.get(body.credit_code),
        body.quota,
        body.actual,
        body.non_quota,
        body.energy_users,
    ]


def _agencies(city: City, addresses: dict[str, str]) -> Sheet:
    sheet = Sheet(
        FILE,
        "党政机关",
        [
            *_body_headings("上级单位"),
            *(Heading(rank, POSTS, width=9) for rank in ALL_RANKS),
            *_CONTACT,
        ],
        title=f"党政机关名录（{MARK}）",
        note=_NOTE,
        levels=2,
    )
    for number, body in enumerate(city.bodies.agencies, start=1):
        posts = dict(zip(RANKS[body.level], body.ranks, strict=True))
        sheet.add(
            [
                *_body_cells(number, body, addresses),
                *(posts.get(rank) for rank in ALL_RANKS),
                person(number),
                telephone(1000 + number),
                None,
            ]
        )
    return sheet


def _services(city: City, addresses: dict[str, str]) -> Sheet:
    sheet = Sheet(
        FILE,
        "事业单位",
        [*_body_headings("主管部门"), *_CONTACT],
        title=f"事业单位名录（{MARK}）",
        note=_NOTE,
        levels=2,
    )
    for number, body in enumerate(city.bodies.services, start=1):
        cells = _body_cells(number, body, addresses)
        sheet.add([*cells, person(number), telephone(20_000 + number), None])
    return sheet


def _energy_bodies(city: City) -> Sheet:
    sheet = Sheet(
        FILE,
        "公共机构",
        [
            Heading("序号", width=6),
            Heading("机构编号"),
            Heading("机构名称", width=32),
            Heading("机构类别"),
            Heading("关联单位", width=30),
            Heading("关联单位统一社会信用代码", width=22),
            Heading("行政区划代码"),
            Heading("行政区划名称"),
            Heading("地址", width=34),
            Heading("用能人数", _PEOPLE),
            Heading("编外人员", _PEOPLE),
            *_CONTACT,
        ],
        title=f"公共机构名录（{MARK}）",
        note=_NOTE,
        levels=2,
    )
    for body in city.energy_bodies:
        sheet.add(
            [
                body.number,
                body.code,
                body.name,
                body.kind,
                body.linked.name if body.linked else None,
                body.linked.credit_code if body.linked else None,
                body.district.division_code,
                body.district.name,
                body.address,
                body.users,
                body.non_quota,
                person(body.number),
                telephone(40_000 + body.number),
                None,
            ]
        )
    return sheet


def _successions(city: City) -> Sheet:
    sheet = Sheet(
        FILE,
        "机构沿革",
        [
            Heading("序号", width=6),
            Heading("原单位名称", width=30),
            Heading("原统一社会信用代码", width=22),
            Heading("变更方式"),
            Heading("现单位名称", width=30),
            Heading("现统一社会信用代码", width=22),
            Heading("承接比例"),
            Heading("生效日期"),
            Heading("备注", width=20),
        ],
        title=f"机构沿革（{MARK}）",
        note=_NOTE,
    )
    for number, change in enumerate(city.bodies.successions, start=1):
        sheet.add(
            [
                number,
                change.former_name,
                change.former_code,
                change.kind,
                change.successor.name,
                change.successor.credit_code,
                float(change.share),
                change.on,
                None,
            ]
        )
    return sheet


def housing_ledger(city: City) -> Sheet:
    """One row per home, a total row at the end."""
    rng = stage(city.seed, "housing ledger")
    sheet = Sheet(
        HOUSING_FILE,
        "公有住房",
        _housing_headings(),
        title=f"公有住房台账（{MARK}）",
        note=_NOTE,
        levels=2,
    )
    for compound in city.compounds:
        for home in compound.homes:
            sheet.add(_home_cells(rng, compound, home))
    total: list[Cell] = [None] * len(sheet.headings)
    total[0] = "合计"
    for title in ("建筑面积", "使用面积", "计租面积"):
        column = sheet.column(title)
        total[column] = round(sum(float(row[column] or 0) for row in sheet.rows), 2)
    sheet.add(total, TOTAL)
    return sheet


def _housing_headings() -> list[Heading]:
    return [
        Heading("序号", width=6),
        Heading("房屋编号"),
        Heading("小区名称", width=16),
        Heading("坐落", width=34),
        Heading("行政区划代码"),
        Heading("建筑编号"),
        *(Heading(title, "房屋位置", width=8) for title in ("幢号", "单元", "所在层", "室号")),
        *(Heading(title, "面积（㎡）") for title in ("建筑面积", "使用面积", "计租面积")),
        Heading("户型"),
        Heading("建筑结构"),
        Heading("建成年份"),
        Heading("产权单位", width=26),
        Heading("产权证号", width=32),
        Heading("房改状态"),
        *(
            Heading(title, "租赁情况")
            for title in (
                "承租人",
                "租金标准（元/㎡·月）",
                "月租金（元）",
                "缴费方式",
                "起租日期",
                "到期日期",
            )
        ),
        Heading("状态"),
        Heading("备注", width=20),
    ]


def _home_cells(rng: np.random.Generator, compound: Compound, home: Home) -> list[Cell]:
    building = home.block.building
    district = compound.town.district
    is_let = rng.random() < 0.86
    rent = round(float(rng.choice([2.8, 3.2, 3.6, 4.0])), 2)
    start = int(rng.integers(2021, 2026))
    lease: list[Cell] = (
        [
            person(home.number),
            rent,
            round(area(home.usable) * rent, 2),
            "工资代扣" if rng.random() < 0.6 else "自缴",
            f"{start}-01-01",
            f"{start + 2}-12-31",
            "在住",
        ]
        if is_let
        else [*[None] * 6, "空置" if rng.random() < 0.8 else "维修"]
    )
    return [
        home.number,
        f"GF-{home.number:05d}",
        compound.name,
        compound.address,
        district.division_code,
        f"D{building.number:07d}",
        building.name,
        home.section.label,
        home.floor,
        home.door,
        area(home.gross),
        area(home.usable),
        area(home.usable),
        home.layout,
        building.structure,
        building.year,
        f"{district.name}机关事务统管局",
        certificate_number("常州市", 2016, 500_000 + home.number),
        "未售",
        *lease,
        None,
    ]
