"""The spots of the marked register: what there is, each with who alone may see it.

A spot is a site with a place of every kind in it, all of one body, district and security class.
Every text of a spot holds a character that nothing else holds, every number of a row begins with
73 and the spot's number, every area with 81 and it, and each lies at a longitude of its own.
"""

from dataclasses import dataclass, field

WEST, SOUTH, STEP = 119.731, 31.641, 0.001
SEEN_BODY, OTHER_BODY = "甲局", "乙局"
HOME, AWAY = "320401", "320402"


@dataclass
class Spot:
    """One site with all that hangs in it.

    Args:
        number: In the order they are made.
        name: What it is there for.
        mark: A character that stands in each of its texts and nowhere else.
        inside: Name of the spot whose site it hangs in; null: a site of its own.
    """

    number: int
    name: str
    mark: str
    body: str | None = SEEN_BODY
    area: str = HOME
    security_class: int = 0
    inside: str | None = None
    places: dict[str, int] = field(default_factory=dict)
    """Places by kind; `unlocated` is a site that lies nowhere."""
    rows: dict[str, int] = field(default_factory=dict)
    """Other numbers of rows, by what their address calls them, such as `photo_id`."""

    @property
    def longitude(self) -> float:
        return round(WEST + STEP * self.number + (0.1 if self.area == AWAY else 0), 6)

    @property
    def code(self) -> str:
        return f"Q{self.mark}{self.number:02d}"

    def area_m2(self, tail: str) -> float:
        return float(f"81{self.number:02d}{tail}")

    def text(self, word: str) -> str:
        return f"{self.mark}{word}{self.mark}"


def spots() -> list[Spot]:
    """What there is, each with who alone may see it."""
    return [
        Spot(0, "seen", "鹇"),
        Spot(1, "other_body", "鹮", body=OTHER_BODY),
        Spot(2, "other_district", "鹳", area=AWAY),
        Spot(3, "internal", "鹴", security_class=1),
        Spot(4, "sensitive", "鹬", security_class=2),
        Spot(5, "nobodys", "鹯", body=None),
        # Related records: a part of a seen site that is not seen, and the other way round.
        Spot(6, "part", "鹱", body=OTHER_BODY, inside="seen"),
        Spot(7, "lodger", "鹲", inside="other_body"),
        Spot(8, "secret_part", "鹛", security_class=1, inside="seen"),
        Spot(9, "stub", "鹠"),
    ]
