"""Invented bodies, addresses and papers (示例数据): nothing and nobody here exists."""

from dataclasses import dataclass
from typing import Final

import numpy as np

DISTRICTS: Final = {
    "320402": "天宁区", "320404": "钟楼区", "320411": "新北区", "320412": "武进区",
    "320413": "金坛区", "320481": "溧阳市",
}  # fmt: skip
_DUTIES: Final = (
    ("园林事务", "绿化管理"), ("档案方志", "地方志办公室"), ("粮油储备", "粮食物资"),
    ("渔业渔政", "水产管理"), ("墙材节能", "墙体材料革新"), ("地震监测", "地震"),
    ("供销合作", "供销联社"), ("老龄事务", "老年工作"), ("侨务联络", "华侨事务"),
    ("气象服务", "人工影响天气"), ("盐业食盐", "盐务"), ("农机推广", "农业机械化"),
)  # fmt: skip
_ENDINGS: Final = ("局", "管理局", "中心")
_FIRST: Final = "云栖梧桐鹤翔玉泉松涛兰芷青禾白鹭紫薇龙潭凤鸣星河月湾"
_SECOND: Final = "溪岭湖桥园塘港坊埠陵"
_CODE_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Body:
    """An agency of a district."""

    name: str
    short: str
    former: str
    credit_code: str
    division: str
    category: str
    ranks: tuple[int, int, int, int, int]
    actual: int
    non_quota: int
    phone: str

    @property
    def quota(self) -> int:
        return sum(self.ranks)


def credit_code(stem: str) -> str:
    """A unified social credit code of 17 signs with its check sign (GB 32100)."""
    total = sum(_CODE_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(stem))
    return stem + _CODE_SIGNS[-total % 31]


def bodies(rng: np.random.Generator, *, each: int = 8) -> list[Body]:
    """So many bodies in each district."""
    made: list[Body] = []
    for code, district in DISTRICTS.items():
        for duty, before in (_DUTIES[at] for at in rng.permutation(len(_DUTIES))[:each]):
            ending = _ENDINGS[int(rng.integers(len(_ENDINGS)))]
            ranks = (0, int(rng.integers(0, 2)), int(rng.integers(1, 4)), int(rng.integers(2, 7)),
                     int(rng.integers(9, 60)))  # fmt: skip
            quota = sum(ranks)
            made.append(
                Body(
                    name=f"常州市{district}示例{duty}{ending}",
                    short=f"{district[:2]}{duty}{ending}",
                    former=f"常州市{district}示例{before}{ending}",
                    credit_code=credit_code(
                        f"11{code}QC{len(made):05d}{int(rng.integers(99)):02d}"
                    ),
                    division=code,
                    category=("机关本级", "参公事业", "公益一类")[int(rng.integers(3))],
                    ranks=ranks,
                    actual=quota - int(rng.integers(0, max(quota // 6, 1))),
                    non_quota=int(rng.integers(0, 12)),
                    phone=f"0519-8{int(rng.integers(1_000_000, 9_999_999))}",
                )
            )
    return made


class Papers:
    """Addresses and numbers, each given out once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def _once(self, text: str) -> bool:
        is_new = text not in self._given
        self._given.add(text)
        return is_new

    def address(self, division: str) -> str:
        while True:
            street = self._sign(_FIRST) + self._sign(_SECOND) + self._sign("东西南北中")
            text = f"常州市{DISTRICTS[division]}{street}路{int(self._rng.integers(1, 299))}号"
            if self._once(text):
                return text

    def certificate(self) -> str:
        while True:
            year, number = int(self._rng.integers(2016, 2025)), int(self._rng.integers(10**7))
            text = f"苏（{year}）常州市不动产权第{number:07d}号"
            if self._once(text):
                return text

    def land_certificate(self) -> str:
        while True:
            year, number = int(self._rng.integers(1996, 2015)), int(self._rng.integers(10**6))
            text = f"常国用（{year}）第{number:06d}号"
            if self._once(text):
                return text

    def unit_number(self, division: str) -> str:
        """A real-estate unit code (GB/T 37346): 28 signs."""
        while True:
            zone, block, parcel = (int(self._rng.integers(1, top)) for top in (99, 99, 99_999))
            house = int(self._rng.integers(1, 9999))
            text = f"{division}{zone:03d}{block:03d}GB{parcel:05d}F{house:08d}"
            if self._once(text):
                return text

    def code(self, letter: str) -> str:
        while True:
            text = f"{letter}{int(self._rng.integers(10**7)):07d}"
            if self._once(text):
                return text

    def _sign(self, signs: str) -> str:
        return signs[int(self._rng.integers(len(signs)))]
