"""Every way people write a coordinate reads as the same place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.clean.coordinates import EAST, NORTH, Spot, read_spot


@pytest.mark.parametrize(
    "written",
    [
        "119.97", "119°58′12″", "119 58 12", "119度58分12秒", "东经119度58分12秒", "E119°58′12″",
        "119°58'12\"E", "119-58-12", "119:58:12", "119，97", "119,97",
        "１１９．９７", "经度：119.97°",
        "119°58.2′", "约119.97",
    ],
)  # fmt: skip
def test_one_longitude_in_any_writing(written: str) -> None:
    assert read_spot(written).first == pytest.approx(119.97, abs=1e-9)
    assert read_spot(written).second is None


@pytest.mark.parametrize(
    "written",
    [
        "119.97,31.81", "119.97 31.81", "(119.97，31.81)", "119,97;31,81",
        "119°58′12″E 31°48′36″N", "东经119度58分12秒、北纬31度48分36秒", "119 58 12 31 48 36",
        "lng:119.97 lat:31.81", "119.97/31.81",
    ],
)  # fmt: skip
def test_both_numbers_in_one_cell(written: str) -> None:
    spot = read_spot(written)
    assert (spot.first, spot.second) == pytest.approx((119.97, 31.81), abs=1e-9)


def test_a_mark_tells_which_number_it_is() -> None:
    spot = read_spot("N31°48′36″，E119°58′12″")
    assert (spot.first_axis, spot.second_axis) == (NORTH, EAST)
    assert read_spot("77°02'W").first == pytest.approx(-77.0333333, abs=1e-6)
    assert read_spot("31.81S").first == -31.81


@pytest.mark.parametrize(
    ("written", "metres"),
    [
        ("497159.376", 497159.376), ("3,520,784.65", 3520784.65), ("497,159", 497159.0),
        ("40497159.376米", 40497159.376),
    ],
)  # fmt: skip
def test_metres(written: str, metres: float) -> None:
    assert read_spot(written).first == pytest.approx(metres, abs=1e-6)


@pytest.mark.parametrize(
    "written", ["不详", "119 78 12", "119°61′00″", "119.97,31.81,5", "1e400", "119°58′12″x"]
)
def test_what_is_no_coordinate_is_not_guessed(written: str) -> None:
    assert read_spot(written) == Spot(rule="coordinates.unreadable")


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(written: str) -> None:
    spot = read_spot(written)
    assert spot.second is None or spot.first is not None


@given(
    st.integers(0, 179),
    st.integers(0, 59),
    st.integers(0, 5999),
    st.sampled_from(["°'\"", "度分秒"]),
)
def test_degrees_minutes_seconds_survive(
    deg: int, minute: int, hundredths: int, signs: str
) -> None:
    one, two, three = signs
    spot = read_spot(f"{deg}{one}{minute:02d}{two}{hundredths / 100:05.2f}{three}")
    assert spot.first == pytest.approx(deg + minute / 60 + hundredths / 360_000, abs=1e-8)
