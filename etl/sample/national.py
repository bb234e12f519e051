"""The national survey workbook (办公用房信息统计), one per reporting district."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Final

from etl.sample.agencies import AGENCY, RANKS
from etl.sample.city import City
from etl.sample.codes import telephone
from etl.sample.properties import Property
from etl.sample.quantities import MARK, SURVEY_ON, square_metres
from etl.sample.rooms import EQUIPMENT, OFFICE, SERVING
from etl.sample.tables import Cell, Heading, Sheet
from etl.sample.towns import CITY, REPORTERS, District
from etl.sample.vocabulary import person

FOLDER: Final = "办公用房统计"
CENTRAL: Final = "集中管理"
TECHNICAL: Final = "技术业务用房"
_UNITS: Final = "使用单位（多个单位填多条）及批复编制情况（人）"
_POSTS: Final = "按编制部门正式批复的各职级编制数"
_USABLE: Final = "基本办公用房使用面积（m²）"
_VARIANTS: Final = {
    "市级": "市（州、盟）办公用房",
    "县级": "县（区、旗）办公用房",
    "乡级": "乡（镇）办公用房",
}


def national_workbooks(city: City) -> Iterator[list[Sheet]]:
    """The sheets of each reporting district's workbook, the city's first."""
    for reporter in REPORTERS:
        file = str(PurePosixPath(FOLDER) / f"{reporter.name}-{reporter.code}.xlsx")
        own = [
            made
            for made in city.properties
            if made.population == AGENCY and made.reporter is reporter
        ]
        sheets = [_division_sheet(file, reporter)]
        for level in ("市级",) if reporter is CITY else ("县级", "乡级"):
            chosen = [made for made in own if made.users[0].level == level]
            if chosen or level != "乡级":
                sheets.append(_office_sheet(file, level, chosen))
        yield [*sheets, _technical_sheet(file, own), _project_sheet(file, reporter, own)]


def _division_sheet(file: str, reporter: District) -> Sheet:
    level = "市（州、盟）" if reporter is CITY else "县（区、旗）"
    sheet = Sheet(
        file,
        "行政区划",
        [Heading("项目", width=22), Heading("内容", width=36)],
        title=f"行政区划（{MARK}）",
    )
    number = REPORTERS.index(reporter)
    sheet.rows = [
        ["行政区划名称", reporter.name],
        ["行政区划级别", level],
        ["行政区划代码", reporter.code],
        ["填表人单位，姓名", f"{reporter.name}机关事务统管局，{person(number)}"],
        ["联系电话", telephone(number)],
        ["填表日期", SURVEY_ON],
        ["数据说明", MARK],
    ]
    sheet.kinds = ["data"] * len(sheet.rows)
    sheet.levels = 0
    return sheet


def _office_headings(level: str) -> list[Heading]:
    return [
        Heading("序号", width=6),
        Heading("地址坐落", width=34),
        Heading("行政区划代码"),
        Heading("用地面积（m²）"),
        Heading("总建筑面积（m²）"),
        Heading("办公用房建筑面积（m²）"),
        Heading("技术业务用房建筑面积（m²）"),
        Heading("单位名称", _UNITS, width=28),
        Heading("类别", _UNITS, width=10),
        *(Heading(rank, _UNITS, _POSTS, width=9) for rank in RANKS[level]),
        Heading("办公室", _USABLE),
        Heading("服务用房", _USABLE),
        Heading("设备用房", _USABLE),
        Heading("合计", _USABLE),
        Heading("附属用房建筑面积（m²）"),
        Heading("权属登记情况", width=16),
        Heading("建设年代"),
        Heading("是否为租（借）用"),
        Heading("备注", width=22),
    ]


def _office_sheet(file: str, level: str, properties: Sequence[Property]) -> Sheet:
    headings = _office_headings(level)
    first_rank, last = 9, len(headings)
    after_ranks = first_rank + len(RANKS[level])
    name = _VARIANTS[level]
    sheet = Sheet(
        file,
        name,
        headings,
        title=f"{name}信息统计表（{MARK}）",
        levels=3,
        shared=[*range(7), *range(after_ranks, last)],
    )
    for number, made in enumerate(properties, start=1):
        first = len(sheet.rows)
        for position, user in enumerate(made.users):
            before, after = _property_cells(number, made)
            if position:
                before, after = [None] * len(before), [None] * len(after)
            sheet.add([*before, user.name, user.kind, *user.ranks, *after])
        if len(made.users) > 1:
            sheet.spans.append((first, len(sheet.rows) - 1))
    return sheet


def area(hundredths: int) -> float:
    """An area as a workbook keeps it: a number of m2 with two decimals."""
    return float(square_metres(hundredths))


def usable_by_class(made: Property) -> tuple[int, int, int]:
    """Usable office, service and equipment area; where no room was surveyed, usual shares."""
    found = tuple(made.usable.get(name, 0) for name in (OFFICE, SERVING, EQUIPMENT))
    if sum(found):
        return found[0], found[1], found[2]
    return made.office * 41 // 100, made.office * 19 // 100, made.office * 5 // 100


def _property_cells(number: int, made: Property) -> tuple[list[Cell], list[Cell]]:
    """The cells of a property left and right of its units."""
    office, serving, equipment = usable_by_class(made)
    before: list[Cell] = [
        number,
        made.address,
        made.district.division_code,
        area(made.lot.land_area),
        area(made.gross),
        area(made.office),
        area(made.technical),
    ]
    after: list[Cell] = [
        area(office),
        area(serving),
        area(equipment),
        area(office + serving + equipment),
        area(made.auxiliary),
        made.registration,
        made.year,
        "是" if made.is_rented else "否",
        CENTRAL if made.is_central else None,
    ]
    return before, after


def _technical_sheet(file: str, properties: Sequence[Property]) -> Sheet:
    sheet = Sheet(
        file,
        TECHNICAL,
        [
            Heading("序号", width=6),
            Heading("地址坐落", width=34),
            Heading("行政区划代码"),
            Heading("用地面积（m²）"),
            Heading("建筑面积（m²）"),
            Heading("主要使用单位", width=28),
            Heading("权属登记情况", width=16),
            Heading("建设年代（年）"),
            Heading("备注", width=22),
        ],
        title=f"技术业务用房信息统计表（{MARK}）",
    )
    for made in properties:
        if made.technical:
            sheet.add(
                [
                    len(sheet.rows) + 1,
                    made.address,
                    made.district.division_code,
                    area(made.lot.land_area),
                    area(made.technical),
                    made.users[0].name,
                    made.registration,
                    made.year,
                    CENTRAL if made.is_central else None,
                ]
            )
    return sheet


def _project_sheet(file: str, reporter: District, properties: Sequence[Property]) -> Sheet:
    sheet = Sheet(
        file,
        "办公用房建设项目",
        [
            Heading("序号", width=6),
            Heading("项目名称", width=30),
            Heading("审批部门", width=22),
            Heading("建设单位", width=26),
            Heading("主要使用单位", width=26),
            Heading("地址坐落", width=34),
            Heading("建设规模（m²）"),
            Heading("估算投资（万元）"),
            Heading("备注", width=22),
        ],
        title=f"办公用房建设项目信息统计表（{MARK}）",
    )
    for made in properties[3::40]:
        user = made.users[0]
        sheet.add(
            [
                len(sheet.rows) + 1,
                f"{user.name}业务用房扩建（示例）",
                f"{reporter.name}发展规划局",
                f"{reporter.name}机关事务统管局",
                user.name,
                made.address,
                area(made.gross // 4),
                round(float(square_metres(made.gross // 4)) * 0.42, 2),
                None,
            ]
        )
    return sheet
