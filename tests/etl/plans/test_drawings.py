"""Drawings of all versions and units give the same rooms; what is no drawing says so."""

import math
from pathlib import Path

import pytest
from drawn_plans import FLOOR, NUMBERS, ROOMS, Board, box, four_rooms

from etl.plans.drawing import read_drawing
from etl.plans.judging import judge
from etl.plans.model import Layers, Plan
from etl.read import read_source
from gis.errors import InputError, SourceError


def planned(path: Path, **asked: object) -> Plan:
    return judge(read_drawing(path), **asked)  # type: ignore[arg-type]


def areas(plan: Plan) -> dict[str | None, float]:
    return {room.number: round(room.area_m2, 2) for room in plan.rooms}


FOUR = {"301": 21.12, "302": 21.12, "303": 21.12, "304": 21.12}


@pytest.mark.parametrize("version", ["R12", "R2000", "R2004", "R2007", "R2010", "R2013", "R2018"])
def test_every_version_gives_the_same_rooms(tmp_path: Path, version: str) -> None:
    insunits = None if version == "R12" else 4
    path = four_rooms(Board(version, insunits=insunits)).save(tmp_path / "3F.dxf")
    plan = planned(path)
    assert areas(plan) == FOUR
    assert list(plan.findings) == []
    assert plan.unit_by == ("measures" if version == "R12" else "header")
    assert plan.floor.area == pytest.approx(200)
    assert plan.layers == Layers((ROOMS,), (NUMBERS,), (FLOOR,))


@pytest.mark.parametrize(
    ("insunits", "per_metre"), [(4, 1000.0), (5, 100.0), (6, 1.0), (1, 1 / 0.0254), (2, 1 / 0.3048)]
)
def test_every_unit_gives_the_same_metres(tmp_path: Path, insunits: int, per_metre: float) -> None:
    board = Board(per_metre=per_metre, insunits=insunits)
    assert areas(planned(four_rooms(board).save(tmp_path / "3F.dxf"))) == FOUR


def test_a_binary_drawing_is_read_too(tmp_path: Path) -> None:
    board = four_rooms(Board("R2010"))
    board.drawing.saveas(tmp_path / "3F.dxf", fmt="bin")
    assert (tmp_path / "3F.dxf").read_bytes().startswith(b"AutoCAD Binary DXF")
    assert areas(planned(tmp_path / "3F.dxf")) == FOUR


def test_names_of_layers_in_the_code_page_of_chinese_offices(tmp_path: Path) -> None:
    board = four_rooms(Board("R2000"))
    board.drawing.encoding = "gbk"
    path = board.save(tmp_path / "3F.dxf")
    content = path.read_bytes()
    assert ROOMS.encode("gbk") in content
    # Many programs write the code page of another country over Chinese names.
    path.write_bytes(content.replace(b"ANSI_936", b"ANSI_1252"))
    assert areas(planned(path)) == FOUR


def test_a_unit_that_cannot_be_is_refused_and_one_may_be_stated(tmp_path: Path) -> None:
    path = four_rooms(Board(insunits=6)).save(tmp_path / "3F.dxf")
    with pytest.raises(SourceError) as refused:
        planned(path)
    assert refused.value.key == "plan.unit_cannot_be"
    assert "mm" in refused.value.params["fitting"]
    assert areas(planned(path, unit="mm")) == FOUR


def test_a_unit_that_nobody_tells_is_told_by_the_building(tmp_path: Path) -> None:
    board = Board(per_metre=1 / 0.0254, insunits=0)
    path = four_rooms(board).save(tmp_path / "3F.dxf")
    with pytest.raises(SourceError, match=r"plan\.unit_not_told"):
        planned(path)
    plan = planned(path, footprint_m2=90.0)
    assert (plan.unit_m, plan.unit_by) == (0.0254, "measures")


def test_arcs_bulge_as_drawn_within_the_stated_tolerance(tmp_path: Path) -> None:
    board = four_rooms(Board())
    # A round room of two half circles, 2 m in radius.
    board.model.add_lwpolyline(
        [(*board.at(2, 7), 0, 0, 1), (*board.at(6, 7), 0, 0, 1)],
        close=True, dxfattribs={"layer": ROOMS},
    )  # fmt: skip
    board.text("305", 3.8, 7)
    board.model.add_circle(board.at(12, 7), 2000, dxfattribs={"layer": ROOMS})
    board.text("306", 11.8, 7)
    found = areas(planned(board.save(tmp_path / "3F.dxf")))
    # A chord 5 mm from its arc takes at most that much off the radius.
    assert math.pi * 1.995**2 <= found["305"] <= math.pi * 4 + 0.01
    assert math.pi * 1.995**2 <= found["306"] <= math.pi * 4 + 0.01


def test_rooms_of_single_lines_share_their_walls(tmp_path: Path) -> None:
    board = Board()
    board.lines(
        ((0, 0), (10, 0)), ((10, 0), (10, 5)), ((10, 5), (0, 5)), ((0, 5), (0, 0)), ((4, 0), (4, 5))
    )
    board.text("301", 2, 2)
    board.text("302", 7, 2)
    assert areas(planned(board.save(tmp_path / "3F.dxf"))) == {"301": 20.0, "302": 30.0}


def test_walls_within_a_closed_outline_divide_it(tmp_path: Path) -> None:
    board = Board()
    board.ring(box(0, 0, 10, 5))
    board.lines(((4, 0), (4, 5)))
    board.text("301", 2, 2)
    board.text("302", 7, 2)
    assert areas(planned(board.save(tmp_path / "3F.dxf"))) == {"301": 20.0, "302": 30.0}


def test_blocks_are_taken_apart_and_attributes_are_numbers(tmp_path: Path) -> None:
    board = Board()
    unit = board.drawing.blocks.new("ROOM")
    # Layer 0 in a block is the layer that the block is put on.
    unit.add_lwpolyline([(0, 0), (4000, 0), (4000, 5000), (0, 5000)], close=True)
    unit.add_attdef("NUMBER", (2000, 2500), dxfattribs={"height": 300})
    pair = board.drawing.blocks.new("PAIR")
    pair.add_blockref("ROOM", (0, 0))
    for at, number in enumerate(("301", "302")):
        put = board.model.add_blockref("ROOM", board.at(at * 5, 0), dxfattribs={"layer": ROOMS})
        put.add_auto_attribs({"NUMBER": number})
    turned = {"layer": ROOMS, "rotation": 90, "xscale": 2, "yscale": 2}
    board.model.add_blockref("PAIR", board.at(30, 0), dxfattribs=turned)
    board.text("303", 25, 4)
    assert areas(planned(board.save(tmp_path / "3F.dxf"))) == {
        "301": 20.0, "302": 20.0, "303": 80.0,
    }  # fmt: skip


def test_arrays_of_blocks_are_every_copy(tmp_path: Path) -> None:
    board = Board()
    unit = board.drawing.blocks.new("ROOM")
    unit.add_lwpolyline([(0, 0), (4000, 0), (4000, 5000), (0, 5000)], close=True)
    values = {"layer": ROOMS, "column_count": 3, "column_spacing": 4500, "row_count": 2,
              "row_spacing": 6000}  # fmt: skip
    board.model.add_blockref("ROOM", (0, 0), dxfattribs=values)
    plan = planned(board.save(tmp_path / "3F.dxf"))
    assert [round(room.area_m2) for room in plan.rooms] == [20] * 6


def test_several_lines_of_a_text_hold_one_number(tmp_path: Path) -> None:
    board = Board()
    board.ring(box(0, 0, 5, 5))
    said = r"{\fSimSun|b0;会议室}\P３０１室\P25.0㎡"
    board.model.add_mtext(
        said, dxfattribs={"layer": NUMBERS, "char_height": 300, "insert": board.at(1, 4)}
    )
    assert areas(planned(board.save(tmp_path / "3F.dxf"))) == {"301": 25.0}


def test_figures_beside_the_numbers_are_no_numbers(tmp_path: Path) -> None:
    board = four_rooms(Board())
    for at in range(6):
        board.text("4800", at * 4 + 1, -1, layer="尺寸")
        board.text("4800", 1, 1, layer="尺寸")
    plan = planned(board.save(tmp_path / "3F.dxf"))
    assert areas(plan) == FOUR
    assert list(plan.findings) == []


def test_hatches_fill_outlines_and_make_rooms_alone(tmp_path: Path) -> None:
    board = four_rooms(Board())
    for corners in ((0.1, 0.1, 4.9, 4.5), (0.1, 5.5, 4.9, 9.9)):
        filling = board.model.add_hatch(dxfattribs={"layer": ROOMS})
        filling.paths.add_polyline_path([board.at(*one) for one in box(*corners)], is_closed=True)
    board.text("305", 2, 7)
    plan = planned(board.save(tmp_path / "3F.dxf"))
    assert areas(plan) == {**FOUR, "305": 21.12}
    assert list(plan.findings) == []


def test_layers_are_named_by_who_knows_them(tmp_path: Path) -> None:
    board = Board()
    board.room("301", 0, 0, 5, 5, layer="A-1")
    board.room(None, 6, 0, 9, 5, layer="A-2")
    path = board.save(tmp_path / "3F.dxf")
    with pytest.raises(SourceError) as refused:
        planned(path)
    assert refused.value.key == "plan.no_room_layer"
    assert {one.params["name"] for one in refused.value.params["known"]} == {"A-1", "A-2", NUMBERS}
    assert areas(planned(path, layers=Layers(rooms=("a-1",)))) == {"301": 25.0}
    with pytest.raises(InputError, match=r"plan\.no_such_layer"):
        planned(path, layers=Layers(rooms=("A-3",)))


def test_frozen_layers_are_left_out_until_they_are_named(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.drawing.layers.add("旧房间").freeze()
    board.room("399", 0, 5.5, 5, 9.9, layer="旧房间")
    path = board.save(tmp_path / "3F.dxf")
    assert "399" not in areas(planned(path))
    assert "399" in areas(planned(path, layers=Layers(rooms=(ROOMS, "旧房间"))))


def refusal(path: Path) -> str:
    with pytest.raises(SourceError) as refused:
        planned(path)
    return refused.value.key


def test_what_is_no_drawing_says_so(tmp_path: Path) -> None:
    whole = four_rooms(Board()).save(tmp_path / "whole.dxf").read_bytes()
    cases = {
        "load.dwg": b"AC1032\x00\x00\x00\x00" + bytes(200),
        "load.truncated": whole[: len(whole) // 2],
        "plan.old_version": whole.replace(b"AC1032", b"AC1006", 1),
        "load.wrong_name": b"room,area\n301,20\n",
        "load.empty_file": b"",
        "plan.damaged": b"  0\nSECTION\n  2\nHEADER\nnonsense\n  0\nEOF\n",
    }
    for key, content in cases.items():
        path = tmp_path / "3F.dxf"
        path.write_bytes(content)
        assert refusal(path) == key
    path.write_bytes(b"AC1032" + bytes(200))
    assert refusal(path.rename(tmp_path / "3F.dwg")) == "load.dwg"


def test_a_drawing_is_no_table_to_load(tmp_path: Path) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    with pytest.raises(SourceError, match=r"load\.drawing"):
        read_source(path)


def test_a_plan_on_paper_alone_is_refused(tmp_path: Path) -> None:
    board = Board()
    sheet = board.drawing.layout("Layout1")
    sheet.add_lwpolyline([board.at(*one) for one in box(0, 0, 5, 5)], close=True)
    assert refusal(board.save(tmp_path / "3F.dxf")) == "plan.only_paper"
    assert refusal(Board().save(tmp_path / "4F.dxf")) == "plan.empty"


def test_what_is_in_other_files_is_told(tmp_path: Path) -> None:
    board = four_rooms(Board())
    board.drawing.add_xref_def("../标准层.dwg", "标准层")
    board.model.add_blockref("标准层", (0, 0))
    drawing = read_drawing(board.save(tmp_path / "3F.dxf"))
    assert drawing.outside == {"标准层": "../标准层.dwg"}
    assert areas(judge(drawing)) == FOUR


def test_a_block_that_holds_itself_ends(tmp_path: Path) -> None:
    board = four_rooms(Board())
    loop = board.drawing.blocks.new("LOOP")
    loop.add_blockref("LOOP", (1, 1))
    board.model.add_blockref("LOOP", (0, 0))
    drawing = read_drawing(board.save(tmp_path / "3F.dxf"))
    assert drawing.skipped == {"INSERT": 1}
    assert areas(judge(drawing)) == FOUR


@pytest.mark.parametrize("kind", ["line", "outline", "text", "nothing"])
def test_blocks_that_multiply_without_end_are_refused(tmp_path: Path, kind: str) -> None:
    board = four_rooms(Board())
    inner = "ROOM0"
    block = board.drawing.blocks.new(inner)
    if kind == "line":
        block.add_line((0, 0), (1, 0))
    elif kind == "outline":
        block.add_lwpolyline([(0, 0), (1, 0), (1, 1)], close=True)
    elif kind == "text":
        block.add_text("301")
    for step in range(1, 9):
        block = board.drawing.blocks.new(f"ROOM{step}")
        values = {"column_count": 100, "column_spacing": 1, "row_count": 100, "row_spacing": 1}
        block.add_blockref(inner, (0, 0), dxfattribs=values)
        inner = f"ROOM{step}"
    board.model.add_blockref(inner, (0, 0))
    assert refusal(board.save(tmp_path / "3F.dxf")) == "plan.too_many"


def test_curves_that_become_too_many_points_are_refused(tmp_path: Path) -> None:
    # What they stand for is told by taking them apart only: each ring is 100,000 short lines.
    board = four_rooms(Board())
    board.drawing.blocks.new("RING").add_circle((0, 0), 10_000_000_000)
    values = {"column_count": 100, "column_spacing": 1}
    board.model.add_blockref("RING", (0, 0), dxfattribs=values)
    assert refusal(board.save(tmp_path / "4F.dxf")) == "plan.too_many"


def test_a_drawing_of_200_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = four_rooms(Board()).save(tmp_path / "3F.dxf")
    with path.open("r+b") as file:
        file.truncate(200 * 1024 * 1024)
    assert refusal(path) == "plan.too_large"


def test_letters_that_are_none_are_marked_and_stop_nothing(tmp_path: Path) -> None:
    board = four_rooms(Board("R2000"))
    board.drawing.encoding = "gbk"
    board.text("值班室", 1, 8, "说明")
    path = board.save(tmp_path / "3F.dxf")
    content = path.read_bytes()
    # Half a character, as programs leave that cut names by bytes; and half of a pair by number.
    content = content.replace("值班室".encode("gbk"), "值班".encode("gbk") + b"\xca")
    for page in (b"ANSI_936", b"ANSI_1252", b"ANSI_1251"):
        path.write_bytes(content.replace(b"ANSI_936", page))
        drawing = read_drawing(path)
        assert len(drawing.texts) == 5
        if page != b"ANSI_1251":
            assert areas(judge(drawing)) == FOUR
    board = four_rooms(Board("R2000"))
    board.text("\\U+D800", 1, 8, "说明")
    drawing = read_drawing(board.save(tmp_path / "4F.dxf"))
    assert "?" in set(drawing.texts["text"])


def test_characters_that_only_the_larger_code_page_knows_are_read(tmp_path: Path) -> None:
    board = four_rooms(Board("R2000"))
    board.drawing.encoding = "gbk"
    board.text("值班室", 1, 8, "说明")
    path = board.save(tmp_path / "3F.dxf")
    content = path.read_bytes().replace("值班室".encode("gbk"), "值㑇室".encode("gb18030"))
    assert b"ANSI_936" in content
    path.write_bytes(content)
    assert "值㑇室" in set(read_drawing(path).texts["text"])


@pytest.mark.parametrize("version", ["AC2.10", "AC2.22", "AC1.50", "MC0.0", "AC1002", "AC1006"])
def test_versions_before_r12_are_refused_by_name(tmp_path: Path, version: str) -> None:
    path = four_rooms(Board("R12")).save(tmp_path / "3F.dxf")
    path.write_bytes(path.read_bytes().replace(b"AC1009", version.encode()))
    with pytest.raises(SourceError, match=r"plan\.old_version") as refused:
        read_drawing(path)
    assert refused.value.params["version"] == version


@pytest.mark.parametrize(
    "change",
    [("  2\nLAYER\n", "  2\nEIGHT\n"), ("DICTIONARY", "DICTIXNARY"), (" 10\n", " 10\nx"),
     ("  0\nLAYOUT\n", "  0\nLAYXUT\n")],
)  # fmt: skip
def test_whatever_breaks_the_parser_the_file_is_at_fault(
    tmp_path: Path, change: tuple[str, str]
) -> None:
    path = four_rooms(Board("R2010")).save(tmp_path / "3F.dxf")
    content = path.read_text(encoding="utf-8")
    assert change[0] in content
    path.write_text(content.replace(*change), encoding="utf-8")
    with pytest.raises(SourceError, match=r"plan\.damaged"):
        read_drawing(path)
