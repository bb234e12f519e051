"""Small floor plans written as DXF for tests: what an office would draw, in the smallest form."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ezdxf.document import Drawing

ROOMS, NUMBERS, FLOOR = "房间轮廓", "房间号", "外轮廓"
Ring = Sequence[tuple[float, float]]


def box(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    return [(west, south), (east, south), (east, north), (west, north)]


class Board:
    """A drawing board that is told metres and draws in its own unit."""

    def __init__(
        self, version: str = "R2018", *, per_metre: float = 1000.0, insunits: int | None = 4
    ) -> None:
        self.drawing: Any = Drawing.new(version)
        if insunits is not None:
            self.drawing.header["$INSUNITS"] = insunits
        self.model: Any = self.drawing.modelspace()
        self._scale = per_metre

    def at(self, x: float, y: float) -> tuple[float, float]:
        return x * self._scale, y * self._scale

    def ring(self, points: Ring, layer: str = ROOMS, *, is_closed: bool = True) -> Any:
        line = [self.at(*one) for one in points]
        values = {"layer": layer}
        if self.drawing.dxfversion <= "AC1009":
            return self.model.add_polyline2d(line, close=is_closed, dxfattribs=values)
        drawn = self.model.add_lwpolyline([], close=is_closed, dxfattribs=values)
        # All at once: point by point each would copy those before it.
        drawn.lwpoints.extend([(x, y, 0, 0, 0) for x, y in line])
        return drawn

    def lines(self, *ends: tuple[tuple[float, float], tuple[float, float]]) -> None:
        for first, last in ends:
            self.model.add_line(self.at(*first), self.at(*last), dxfattribs={"layer": ROOMS})

    def text(self, said: str, x: float, y: float, layer: str = NUMBERS) -> None:
        values = {"layer": layer, "height": 0.3 * self._scale, "insert": self.at(x, y)}
        self.model.add_text(said, dxfattribs=values)

    def room(self, number: str | None, *corners: float, layer: str = ROOMS) -> None:
        """A rectangle by west, south, east, north, with its number in it."""
        west, south, east, north = corners
        self.ring(box(west, south, east, north), layer)
        if number is not None:
            self.text(number, (west + east) / 2 - 0.3, (south + north) / 2)

    def save(self, path: Path) -> Path:
        self.drawing.saveas(path)
        return path


def four_rooms(board: Board) -> Board:
    """A floor of 20 by 10 m with rooms 301 to 304, each 4.8 by 4.4 m, on its south side."""
    board.ring(box(0, 0, 20, 10), FLOOR)
    for at in range(4):
        board.room(f"30{at + 1}", at * 5 + 0.1, 0.1, at * 5 + 4.9, 4.5)
    return board
