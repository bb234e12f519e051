"""Clean sheets in five layouts: form, ledger, exported list, directory, points."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np

from bench.clerks.names import DISTRICTS, Body, Papers
from bench.clerks.page import Column, Page

Spots = dict[str, list[tuple[float, float]]]
"""By district code: longitudes and latitudes inside it, each to be used once."""

RANK_HEADERS: Final = ("县级正职", "县级副职", "正科级", "副科级", "科级以下")
_GROUP: Final = "使用单位（多个单位填多条）及批复编制情况（人）"
_RANKS: Final = "按编制部门正式批复的各职级编制数"
_USABLE: Final = "基本办公用房使用面积（㎡）"


def _cents(rng: np.random.Generator, low: float, high: float) -> Decimal:
    return Decimal(int(rng.uniform(low, high) * 100)) / 100


def _split(rng: np.random.Generator, whole: Decimal, count: int) -> list[Decimal]:
    """Parts with two decimals that add up to the whole."""
    shares = rng.dirichlet([3.0] * count)
    parts = [Decimal(int(float(whole) * share * 100)) / 100 for share in shares[1:]]
    return [whole - sum(parts), *parts]


def form(rng: np.random.Generator, papers: Papers, users: Sequence[Body], *, file: str,
         count: int) -> Page:  # fmt: skip
    """A form with a header of three levels, properties over the rows of their users."""
    columns = (
        Column("number", ("序号",)), Column("address", ("地址坐落",)),
        Column("division", ("行政区划代码",)), Column("land", ("用地面积（㎡）",)),
        Column("gross", ("总建筑面积（㎡）",)), Column("office", ("办公用房建筑面积（㎡）",)),
        Column("technical", ("技术业务用房建筑面积（㎡）",)),
        Column("unit", (_GROUP, "单位名称")), Column("category", (_GROUP, "类别")),
        *(Column(f"rank{at}", (_GROUP, _RANKS, title)) for at, title in enumerate(RANK_HEADERS)),
        Column("use_office", (_USABLE, "办公室")), Column("use_service", (_USABLE, "服务用房")),
        Column("use_equipment", (_USABLE, "设备用房")), Column("usable", (_USABLE, "合计")),
        Column("ancillary", ("附属用房建筑面积（㎡）",)), Column("status", ("权属登记情况",)),
        Column("year", ("建设年代",)), Column("rented", ("是否为租（借）用",)),
        Column("remark", ("备注",)),
    )  # fmt: skip
    user_keys = frozenset({"unit", "category", *(f"rank{at}" for at in range(5))})
    page = Page(file, "县（区、旗）办公用房", columns, [], [], ("县（区、旗）办公用房信息统计表",),
                user_keys)  # fmt: skip
    for thing in range(count):
        mine = [users[int(at)] for at in rng.choice(len(users), int(rng.choice([1, 1, 1, 2, 3])),
                                                    replace=False)]  # fmt: skip
        office, technical = _cents(rng, 800, 9_000), _cents(rng, 100, 3_000)
        usable = _cents(rng, float(office + technical) * 0.52, float(office + technical) * 0.78)
        parts = _split(rng, usable, 3)
        site: list[Any] = [
            thing + 1, papers.address(mine[0].division), mine[0].division,
            _cents(rng, 900, 20_000), office + technical, office, technical,
        ]  # fmt: skip
        tail = [*parts, usable, _cents(rng, 20, 400), "已登记", int(rng.integers(1975, 2022)),
                "否", None]  # fmt: skip
        for body in mine:
            page.rows.append([*site, body.name, body.category, *body.ranks, *tail])
            page.things.append(thing)
    return page


def ledger(rng: np.random.Generator, papers: Papers, users: Sequence[Body], spots: Spots, *,
           file: str, count: int) -> Page:  # fmt: skip
    """A ledger of houses under one header row, a line of units above it."""
    columns = tuple(
        Column(key, (title,))
        for key, title in (
            ("number", "序号"), ("code", "资产编号"), ("name", "房屋名称"), ("address", "坐落"),
            ("division", "区划代码"), ("unit", "主要使用单位"), ("land", "占地面积(平方米)"),
            ("gross", "房屋面积(平方米)"), ("usable", "净面积(平方米)"),
            ("self_used", "自用面积(平方米)"), ("let", "出租面积(平方米)"),
            ("lent", "出借面积(平方米)"), ("idle", "空置面积(平方米)"), ("use", "使用状况"),
            ("owner", "产权单位"), ("status", "产权状况"), ("certificate", "房产证号"),
            ("land_certificate", "土地证号"), ("unit_number", "不动产单元号"),
            ("certified", "证载面积(平方米)"), ("certified_on", "发证日期"), ("year", "建成年份"),
            ("structure", "房屋结构"), ("rented", "是否租用"), ("longitude", "经度"),
            ("latitude", "纬度"), ("datum", "坐标系"), ("remark", "备注"),
        )
    )  # fmt: skip
    page = Page(
        file, "房产台账", columns, [], [], ("示例数据　房屋资产台账", "填报日期：2025年9月")
    )
    for thing in range(count):
        body = users[int(rng.integers(len(users)))]
        gross = _cents(rng, 300, 8_000)
        share = float(rng.choice([0, 0, 0, 0.2, 0.7, 1]))
        idle = round(gross * Decimal(share), 2)
        let = round((gross - idle) * Decimal("0.3"), 2) if rng.random() < 0.2 else Decimal(0)
        use = "闲置" if share > 0.5 else "自用"
        longitude, latitude = spots[body.division].pop()
        year = int(rng.integers(1978, 2015))
        page.rows.append([
            thing + 1, papers.code("ZC"), f"{thing + 1}号办公楼", papers.address(body.division),
            body.division, body.name, _cents(rng, float(gross) * 0.3, float(gross) * 2.5), gross,
            _cents(rng, float(gross) * 0.5, float(gross) * 0.8), gross - idle - let, let,
            Decimal(0), idle, use, body.name, "有证", papers.certificate(),
            papers.land_certificate(), papers.unit_number(body.division), gross,
            f"20{int(rng.integers(16, 25))}-{int(rng.integers(1, 13)):02d}-"
            f"{int(rng.integers(1, 29)):02d}",
            year, ("框架", "砖混", "钢混", "砖木")[int(rng.integers(4))], "否",
            round(longitude, 6), round(latitude, 6), "CGCS2000", None,
        ])  # fmt: skip
        page.things.append(thing)
    return page


def listing(rng: np.random.Generator, papers: Papers, users: Sequence[Body], spots: Spots, *,
            file: str, count: int) -> Page:  # fmt: skip
    """A list of buildings as another system exports it: text and numbers, nothing merged."""
    columns = tuple(
        Column(key, (title,))
        for key, title in (
            ("code", "楼栋编号"), ("name", "楼栋名称"), ("address", "详细地址"),
            ("division", "行政区划代码"), ("gross", "建筑面积(m2)"), ("floors", "地上层数"),
            ("year", "竣工时间"), ("structure", "结构"), ("use", "使用情况"),
            ("longitude", "经度"), ("latitude", "纬度"), ("datum", "坐标系"),
        )
    )  # fmt: skip
    page = Page(file, "楼栋", columns, [], [])
    for thing in range(count):
        body = users[int(rng.integers(len(users)))]
        longitude, latitude = spots[body.division].pop()
        page.rows.append([
            papers.code("LD"), f"{int(rng.integers(1, 30))}号楼", papers.address(body.division),
            body.division, _cents(rng, 200, 12_000), int(rng.integers(1, 26)),
            int(rng.integers(1975, 2024)), ("框架", "砖混", "钢混")[int(rng.integers(3))],
            ("自用", "在用", "闲置")[int(rng.integers(3))], round(longitude, 6),
            round(latitude, 6), "CGCS2000",
        ])  # fmt: skip
        page.things.append(thing)
    return page


def directory(bodies: Sequence[Body], *, file: str, has_aliases: bool) -> Page:
    """The directory of bodies; with short and former names where it is the bureau's own."""
    names = [
        ("number", "序号"), ("name", "单位全称"), ("credit_code", "统一社会信用代码"),
        ("category", "单位性质"), ("division", "行政区划代码"), ("staff", "核定编制数"),
        *((f"rank{at}", title) for at, title in enumerate(RANK_HEADERS)),
        ("actual", "在职人数"), ("non_quota", "编外人员"), ("phone", "联系电话"),
    ]  # fmt: skip
    if has_aliases:
        names += [("short", "简称"), ("former", "曾用名")]
    columns = tuple(Column(key, (title,)) for key, title in names)
    page = Page(file, "机构名录", columns, [], [], ("示例数据　机构名录",))
    for thing, body in enumerate(bodies):
        row: list[Any] = [
            thing + 1, body.name, body.credit_code, body.category, body.division, body.quota,
            *body.ranks, body.actual, body.non_quota, body.phone,
        ]  # fmt: skip
        page.rows.append([*row, body.short, body.former] if has_aliases else row)
        page.things.append(thing)
    return page


def points(houses: Page, *, file: str, count: int, has_datum: bool) -> Page:
    """Where houses of a ledger stand, by name and address, as somebody walked round with a map."""
    names = [("name", "名称"), ("address", "地址"), ("division", "行政区划代码"),
             ("longitude", "经度"), ("latitude", "纬度")]  # fmt: skip
    if has_datum:
        names.append(("datum", "坐标系"))
    columns = tuple(Column(key, (title,)) for key, title in names)
    page = Page(file, "位置坐标", columns, [], [])
    for thing in range(min(count, len(houses.rows))):
        page.rows.append([houses.get(thing, key) for key, _title in names])
        page.things.append(thing)
    return page


def district_of(page: Page, row: int) -> str:
    """The district's name of a row."""
    return DISTRICTS[str(page.get(row, "division"))]
