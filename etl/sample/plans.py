"""Floor plans as offices draw them: DXF files of a few floors, with planted faults and the truth.

Four hands drew them: lightweight outlines in millimetres, old polylines of a drawing that says no
unit, numbers as attributes of blocks in metres, and walls of single lines in inches.
"""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from ezdxf._options import options
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment
from numpy.typing import NDArray

from etl.sample.city import City
from etl.sample.footprints import Building
from etl.sample.quantities import MARK
from etl.sample.truth import FOLDER

PLANS: Final = "平面图"
ROOM_LAYER, NUMBER_LAYER, FLOOR_LAYER = "房间轮廓", "房间号", "楼层外轮廓"
_OTHER_LAYERS: Final = ("门窗", "房间名称", "尺寸标注")
_LEAST_ROOMS: Final = 16
_GAP_M: Final = 0.06
_OVERLAP_M: Final = 0.4
_OUT_M: Final = 1.4
_SLIVER_M: Final = (3.0, 0.1)
_ADJACENT_M: Final = 0.2
_TEXT_M: Final = 0.35
_STRAY: Final = "999"
_UP, _ACROSS = (0.0, 1.0), (1.0, 0.0)


@dataclass(frozen=True)
class _Hand:
    """How somebody draws: version, `$INSUNITS` (null: none), units of a metre, and outlines."""

    version: str
    insunits: int | None
    per_metre: float
    outline: str


_HANDS: Final = (
    _Hand("R2018", 4, 1000.0, "light"),
    _Hand("R12", None, 1000.0, "old"),
    _Hand("R2000", 6, 1.0, "tagged"),
    _Hand("R2010", 1, 1 / 0.0254, "lines"),
)


@dataclass(frozen=True)
class PlanFault:
    """A planted fault: `fault` as onemap calls it, where in drawing units, and which rooms."""

    file: str
    building: str
    level: int
    fault: str
    numbers: str
    x: float
    y: float


@dataclass(frozen=True)
class PlanRoom:
    """A room whose outline a plan holds whole: its number in the register and its drawn area."""

    file: str
    building: str
    level: int
    number: str
    area_m2: float


@dataclass
class _Floor:
    """A floor as it will be drawn: boxes in metres, what stands in them, and what was spoilt."""

    file: str
    building: Building
    level: int
    hand: _Hand
    boxes: NDArray[np.float64]
    numbers: list[str]
    written: list[str | None]
    opened: set[int] = field(default_factory=set)
    slivers: list[tuple[float, float]] = field(default_factory=list)
    strays: list[tuple[float, float]] = field(default_factory=list)
    faults: list[PlanFault] = field(default_factory=list)

    def note(self, fault: str, at: tuple[float, float], *rooms: int) -> None:
        """Writes down what was planted at a spot, metres."""
        numbers = ",".join(self.numbers[one] for one in rooms)
        scale = self.hand.per_metre
        self.faults.append(
            PlanFault(self.file, f"D{self.building.number:07d}", self.level, fault, numbers,
                      round(at[0] * scale, 3), round(at[1] * scale, 3))
        )  # fmt: skip


def write_plans(directory: Path, city: City) -> list[dict[str, Any]]:
    """Writes the plans and their truth; gives file, building and level of each."""
    folder = directory / PLANS
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.dxf"):
        old.unlink()
    floors = list(_floors(city))
    was = options.write_fixed_meta_data_for_testing
    # Else the time of writing and a number drawn by lot stand in each file.
    options.write_fixed_meta_data_for_testing = True
    try:
        for floor in floors:
            _spoil(floor)
            _drawing(floor).saveas(folder / floor.file)
    finally:
        options.write_fixed_meta_data_for_testing = was
    _write_truth(directory / FOLDER, floors)
    return [
        {"path": f"{PLANS}/{floor.file}", "building": f"D{floor.building.number:07d}",
         "level": floor.level}
        for floor in floors
    ]  # fmt: skip


def _floors(city: City) -> Iterator[_Floor]:
    """One floor of each of the first buildings with many rooms on it, drawn by another hand."""
    rooms = city.rooms
    floors, sizes = np.unique(
        np.column_stack([rooms.building, rooms.level]), axis=0, return_counts=True
    )
    seen: set[int] = set()
    hands = iter(_HANDS)
    for number, level in floors[(sizes >= _LEAST_ROOMS) & (floors[:, 1] > 1)].tolist():
        if number in seen:
            continue
        hand = next(hands, None)
        if hand is None:
            return
        seen.add(number)
        here = np.flatnonzero((rooms.building == number) & (rooms.level == level))
        numbers = [rooms.number[one] for one in here]
        yield _Floor(
            f"D{number:07d}-{level}F.dxf", city.buildings[number - 1][0], level, hand,
            rooms.bars[here].copy(), numbers, list(numbers),
        )  # fmt: skip


def _spoil(floor: _Floor) -> None:
    """Plants each fault once, in rooms of its own."""
    boxes = floor.boxes
    free = set(range(len(boxes)))
    pair = next(_neighbours(boxes), None)
    if pair is not None and floor.hand.outline != "lines":
        # Lines that cross make three rooms of two: no program could tell that from walls.
        one, other, along = pair
        boxes[one] += np.array([0.0, 0.0, *along]) * _OVERLAP_M
        common = _box(boxes[one]).intersection(_box(boxes[other])).centroid
        floor.note("overlap", (common.x, common.y), one, other)
        free -= {one, other}
    found = next(_outward(floor, free), None)
    if found is not None:
        at, spot, box = found
        boxes[at] = box
        floor.note("outside", spot, at)
        free.discard(at)
    opened, unnumbered, again, first, *_ = sorted(free)[1::2]
    west, south, east, north = boxes[opened]
    floor.opened.add(opened)
    floor.note("unclosed", (west, south + _GAP_M / 2), opened)
    floor.written[unnumbered] = None
    floor.note("room_without_number", _middle(boxes[unnumbered]), unnumbered)
    floor.written[again] = floor.numbers[first]
    floor.note("number_twice", _middle(boxes[again]), first, again)
    west, south, east, north = shapely.Polygon(floor.building.outline).bounds
    floor.slivers.append((west + 1.0, south - 6.0))
    floor.note("sliver", (west + 1.0 + _SLIVER_M[0] / 2, south - 6.0 + _SLIVER_M[1] / 2))
    floor.strays.append((east + 2.0, north + 2.0))
    floor.note("text_without_room", (east + 2.0, north + 2.0))


def _neighbours(boxes: NDArray[np.float64]) -> Iterator[tuple[int, int, tuple[float, float]]]:
    """Rooms beside each other, the second east or north of the first, and which way that is."""
    for one in range(len(boxes) - 1):
        gap = boxes[one + 1, :2] - boxes[one, 2:]
        if boxes[one, 1] == boxes[one + 1, 1] and 0 < gap[0] < _ADJACENT_M:
            yield one, one + 1, _ACROSS
        elif boxes[one, 0] == boxes[one + 1, 0] and 0 < gap[1] < _ADJACENT_M:
            yield one, one + 1, _UP


def _outward(
    floor: _Floor, free: set[int]
) -> Iterator[tuple[int, tuple[float, float], NDArray[np.float64]]]:
    """Rooms that pushed outwards leave the building and meet no other, with where they leave."""
    outline = shapely.Polygon(floor.building.outline)
    everything = [_box(one) for one in floor.boxes]
    for at in sorted(free):
        rest = shapely.union_all(everything[:at] + everything[at + 1 :])
        for side, step in ((0, -_OUT_M), (1, -_OUT_M), (2, _OUT_M), (3, _OUT_M)):
            box = floor.boxes[at].copy()
            box[side] += step
            beyond = _box(box).difference(outline)
            if beyond.area > 1.0 and not _box(box).intersects(rest):
                spot = beyond.representative_point()
                yield at, (spot.x, spot.y), box


def _box(bar: NDArray[np.float64]) -> Any:
    return shapely.box(*bar)


def _middle(bar: NDArray[np.float64]) -> tuple[float, float]:
    return float(bar[0] + bar[2]) / 2, float(bar[1] + bar[3]) / 2


def _drawing(floor: _Floor) -> Any:
    hand = floor.hand
    drawing = Drawing.new(hand.version)
    if hand.insunits is not None:
        drawing.header["$INSUNITS"] = hand.insunits
    for name in (ROOM_LAYER, NUMBER_LAYER, FLOOR_LAYER, *_OTHER_LAYERS):
        drawing.layers.add(name)
    draw = _Pen(drawing, hand)
    draw.ring(floor.building.outline, FLOOR_LAYER)
    for at, (west, south, east, north) in enumerate(floor.boxes.tolist()):
        ring = [(west, south), (east, south), (east, north), (west, north)]
        draw.room(ring, is_open=at in floor.opened)
        draw.number(floor.written[at], _middle(floor.boxes[at]))
        draw.trimmings((west, south), east - west)
    for x, y in floor.slivers:
        wide, tall = _SLIVER_M
        draw.room([(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)], is_open=False)
    for spot in floor.strays:
        draw.number(_STRAY, spot)
    draw.text(MARK, (0.0, -10.0), _OTHER_LAYERS[1])
    return drawing


class _Pen:
    """Draws in metres with somebody's hand."""

    def __init__(self, drawing: Any, hand: _Hand) -> None:
        self._model = drawing.modelspace()
        self._hand = hand
        door = drawing.blocks.new("DOOR")
        door.add_line((0, 0), (0, 0.9 * hand.per_metre))
        door.add_arc((0, 0), 0.9 * hand.per_metre, 0, 90)
        tag = drawing.blocks.new("ROOM_TAG")
        tag.add_attdef("NUMBER", (0, 0), dxfattribs={"height": _TEXT_M * hand.per_metre})

    def ring(self, points: Sequence[tuple[float, float]], layer: str) -> None:
        line = [self._at(one) for one in points]
        self._line(line, layer, is_closed=True)

    def room(self, ring: Sequence[tuple[float, float]], *, is_open: bool) -> None:
        """An outline, or one whose last line stops short of the first."""
        points = list(ring)
        if is_open:
            west, south = points[0]
            points.append((west, south + _GAP_M))
        line = [self._at(one) for one in points]
        if self._hand.outline != "lines":
            self._line(line, ROOM_LAYER, is_closed=not is_open)
            return
        line = line if is_open else [*line, line[0]]
        for first, last in itertools.pairwise(line):
            self._model.add_line(first, last, dxfattribs={"layer": ROOM_LAYER})

    def number(self, number: str | None, spot: tuple[float, float]) -> None:
        if number is None:
            return
        if self._hand.outline == "tagged":
            reference = self._model.add_blockref(
                "ROOM_TAG", self._at(spot), dxfattribs={"layer": NUMBER_LAYER}
            )
            reference.add_auto_attribs({"NUMBER": number})
            for one in reference.attribs:
                one.dxf.layer = NUMBER_LAYER
        else:
            self.text(number, spot, NUMBER_LAYER)

    def text(self, said: str, spot: tuple[float, float], layer: str) -> None:
        values = {"layer": layer, "height": _TEXT_M * self._hand.per_metre}
        self._model.add_text(said, dxfattribs=values).set_placement(
            self._at(spot), align=TextEntityAlignment.MIDDLE_CENTER
        )

    def trimmings(self, corner: tuple[float, float], wide: float) -> None:
        """What else stands on a plan: a door, and the width of the room in millimetres."""
        at = (corner[0] + 0.4, corner[1])
        self._model.add_blockref("DOOR", self._at(at), dxfattribs={"layer": _OTHER_LAYERS[0]})
        self.text(f"{wide * 1000:.0f}", (corner[0] + wide / 2, corner[1] + 0.4), _OTHER_LAYERS[2])

    def _line(self, points: list[tuple[float, float]], layer: str, *, is_closed: bool) -> None:
        add: Callable[..., Any] = (
            self._model.add_polyline2d if self._hand.outline == "old"
            else self._model.add_lwpolyline
        )  # fmt: skip
        add(points, close=is_closed, dxfattribs={"layer": layer})

    def _at(self, spot: tuple[float, float]) -> tuple[float, float]:
        scale = self._hand.per_metre
        return float(spot[0]) * scale, float(spot[1]) * scale


def _write_truth(folder: Path, floors: Sequence[_Floor]) -> None:
    faults = [one for floor in floors for one in floor.faults]
    rooms = [
        PlanRoom(floor.file, f"D{floor.building.number:07d}", floor.level, floor.numbers[at],
                 round(float(_box(floor.boxes[at]).area), 3))
        for floor in floors
        for at in range(len(floor.boxes))
        if at not in floor.opened
    ]  # fmt: skip
    _write(folder / "plan_faults.csv", PlanFault, faults)
    _write(folder / "plan_rooms.csv", PlanRoom, rooms)


def _write(path: Path, kind: type[Any], rows: Sequence[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([one.name for one in fields(kind)])
        writer.writerows(astuple(one) for one in rows)
