"""Invented names: bodies, streets, compounds and persons. None is a real body's name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np


@dataclass(frozen=True)
class Office:
    """A kind of agency: its name after the area's, its short name, and what it needs.

    `former` is the name before the last reform, if it was renamed; `technical_share` the part of
    its floor area for technical work (courts, laboratories), which the standard leaves out.
    """

    name: str
    short: str
    kind: str
    size: float
    technical_share: float = 0.0
    former: str | None = None


OFFICES: Final = (
    Office("综合协调办公室", "综协办", "机关本级", 1.6),
    Office("政务统筹办公室", "政统办", "机关本级", 1.6),
    Office("人大事务办公室", "人大办", "机关本级", 1.1),
    Office("政协事务办公室", "政协办", "机关本级", 1.0),
    Office("机关事务统管局", "机管局", "机关本级", 0.8, 0.0, "机关事务服务处"),
    Office("公共财务局", "财务局", "机关本级", 1.1),
    Office("治安管理局", "治安局", "机关本级", 4.0, 0.45),
    Office("审判事务院", "审判院", "机关本级", 2.4, 0.5),
    Office("检察事务院", "检察院", "机关本级", 1.8, 0.4),
    Office("发展规划局", "发规局", "机关本级", 1.0),
    Office("学务局", "学务局", "机关本级", 1.0, 0.0, "教务管理局"),
    Office("卫健事务局", "卫健局", "机关本级", 1.0, 0.0, "卫生计生局"),
    Office("国土规划局", "国规局", "机关本级", 1.5, 0.1, "国土管理局"),
    Office("市场管理局", "市管局", "机关本级", 2.0, 0.2, "工商质监局"),
    Office("应急处置局", "应急局", "机关本级", 0.9, 0.15, "安全生产局"),
    Office("人力社保局", "人社局", "机关本级", 1.3),
    Office("城乡建设局", "建设局", "机关本级", 1.2),
    Office("交通道路局", "交通局", "机关本级", 1.3, 0.15),
    Office("水务河湖局", "水务局", "机关本级", 1.0, 0.1),
    Office("农事农村局", "农事局", "机关本级", 1.0),
    Office("生态保护局", "生态局", "机关本级", 1.2, 0.3),
    Office("民生事务局", "民生局", "机关本级", 0.9),
    Office("司法事务局", "司法局", "机关本级", 1.0),
    Office("产业经济局", "产经局", "机关本级", 0.9),
    Office("科技创新局", "科创局", "机关本级", 0.7),
    Office("商贸流通局", "商贸局", "机关本级", 0.8),
    Office("文化旅游局", "文旅局", "机关本级", 0.8),
    Office("税费征管局", "税征局", "派出机构", 2.6, 0.2),
    Office("消防指挥局", "消防局", "派出机构", 1.8, 0.5),
    Office("综合执法局", "执法局", "机关本级", 1.6, 0.2),
    Office("审计监察局", "审监局", "机关本级", 0.7),
    Office("统计调查局", "统计局", "机关本级", 0.6),
    Office("医保事务局", "医保局", "机关本级", 0.6),
    Office("信访接待局", "信访局", "机关本级", 0.5),
    Office("大数据管理局", "数据局", "机关本级", 0.6, 0.3),
    Office("政务服务局", "政服局", "机关本级", 0.8),
    Office("组织人事部", "组人部", "机关本级", 0.9),
    Office("宣讲文化部", "宣文部", "机关本级", 0.7),
    Office("统战联络部", "统联部", "机关本级", 0.5),
    Office("政法协调委员会", "政法委", "机关本级", 0.6),
    Office("纪律督查委员会", "纪督委", "机关本级", 1.2, 0.1),
    Office("机构编制室", "编制室", "机关本级", 0.4),
    Office("老干服务局", "老干局", "机关本级", 0.5),
    Office("档案史志室", "档志室", "参公事业", 0.5, 0.4),
    Office("退役优抚局", "退优局", "机关本级", 0.5),
    Office("国资监管局", "国监局", "机关本级", 0.6),
    Office("工友联合会", "工联会", "人民团体", 0.5),
    Office("青年联谊会", "青联会", "人民团体", 0.4),
    Office("妇女联谊会", "妇联会", "人民团体", 0.4),
    Office("残障服务联合会", "残联会", "人民团体", 0.5),
    Office("科技工作者协会", "科协会", "人民团体", 0.3),
    Office("文艺联合会", "文联会", "人民团体", 0.3),
    Office("工商联谊会", "工商会", "人民团体", 0.3),
    Office("体育事业局", "体育局", "机关本级", 0.5),
    Office("园林绿化局", "园林局", "机关本级", 0.7),
    Office("人防工程室", "人防室", "参公事业", 0.5, 0.2),
    Office("粮食储备局", "粮储局", "参公事业", 0.5),
    Office("供销合作联社", "供销社", "参公事业", 0.5),
    Office("地方金融室", "金融室", "机关本级", 0.4),
    Office("外事联络室", "外联室", "机关本级", 0.4),
    Office("民族事务局", "民族局", "机关本级", 0.4),
    Office("气象观测局", "气象局", "派出机构", 0.6, 0.5),
    Office("邮务监管局", "邮监局", "派出机构", 0.3),
    Office("港航事务局", "港航局", "参公事业", 0.7, 0.2),
    Office("仲裁事务室", "仲裁室", "参公事业", 0.3),
    Office("侨胞联谊会", "侨联会", "人民团体", 0.3),
)

BRANCHING: Final = tuple(
    office for office in OFFICES if office.size >= 1.3 and office.name[-1] == "局"
)
"""Offices that keep branches of their own once every kind of office is there."""


@dataclass(frozen=True)
class Service:
    """A kind of service body: name endings, relative floor area, usual posts, office over it."""

    ending: str
    short: str
    kind: str
    size: float
    people: float
    department: str


SERVICES: Final = (
    Service("小学", "小", "公益一类", 1.0, 90, "学务局"),
    Service("中学", "中", "公益一类", 1.8, 160, "学务局"),
    Service("幼儿园", "幼", "公益一类", 0.4, 45, "学务局"),
    Service("职业技术学校", "职校", "公益二类", 3.0, 210, "学务局"),
    Service("综合医院", "医院", "公益二类", 3.6, 620, "卫健事务局"),
    Service("妇幼保健中心", "妇保", "公益一类", 1.2, 180, "卫健事务局"),
    Service("疾病防治中心", "疾防", "公益一类", 0.9, 110, "卫健事务局"),
    Service("图书馆", "图", "公益一类", 0.9, 60, "文化旅游局"),
    Service("文化馆", "文馆", "公益一类", 0.6, 40, "文化旅游局"),
    Service("博物馆", "博", "公益一类", 1.0, 55, "文化旅游局"),
    Service("体育中心", "体中心", "公益二类", 1.6, 50, "体育事业局"),
    Service("农业科学研究所", "农科所", "公益一类", 0.8, 70, "农事农村局"),
    Service("环境监测站", "监测站", "公益一类", 0.4, 50, "生态保护局"),
    Service("公园管理处", "公园处", "公益一类", 0.4, 45, "园林绿化局"),
    Service("养老服务中心", "养老", "公益二类", 1.1, 80, "民生事务局"),
    Service("公路养护中心", "养护", "公益一类", 0.5, 75, "交通道路局"),
    Service("水利工程管理处", "水利处", "公益一类", 0.5, 65, "水务河湖局"),
    Service("人才服务中心", "人才", "公益二类", 0.4, 40, "人力社保局"),
    Service("检验检测中心", "检测", "公益二类", 0.7, 85, "市场管理局"),
    Service("规划设计院", "设计院", "公益二类", 0.6, 120, "国土规划局"),
)

_FIRST: Final = "锦清云文和青望景永新龙荷桂松柳竹梅兰星晨澄博泰安宁祥瑞嘉仁德"
_SECOND: Final = "程溪岭华苑泽湖塘园林桥湾渡浦城墅庭岸川原"
WORDS: Final = tuple(first + second for first in _FIRST for second in _SECOND)
_NUMERALS: Final = "一二三四五六七八九"
_SURNAMES: Final = "陈王李张刘杨黄周吴徐孙朱高林何郭马罗"
_GIVEN: Final = "示样例"


def chinese_numeral(number: int) -> str:
    """1 to 99 in Chinese numerals; larger numbers in digits."""
    if number < 10:
        return _NUMERALS[number - 1]
    if number < 100:
        tens, ones = divmod(number, 10)
        return (
            ("" if tens == 1 else _NUMERALS[tens - 1])
            + "十"
            + (_NUMERALS[ones - 1] if ones else "")
        )
    return str(number)


def words(rng: np.random.Generator, count: int) -> Sequence[str]:
    """Two-character names in random order, without repeats; numbered past the first 600."""
    order = rng.permutation(len(WORDS))
    return [
        WORDS[order[number % len(WORDS)]]
        + (chinese_numeral(number // len(WORDS) + 1) if number >= len(WORDS) else "")
        for number in range(count)
    ]


def person(number: int) -> str:
    """An invented person, whose given name says 示例 or 样例."""
    surname = _SURNAMES[number % len(_SURNAMES)]
    return surname + _GIVEN[number // len(_SURNAMES) % 2] + _GIVEN[2]
