"""A plan is laid where it belongs, or refused; nothing is guessed."""

import math

import numpy as np
import pytest
import shapely
from shapely import affinity

from etl.plans.placement import Control, Placement, by_control, by_footprint, ground_srid, on_ground
from gis.errors import InputError

SRID = 4549
AT = (500_200.0, 3_520_100.0)
L_SHAPE = shapely.Polygon([(0, 0), (30, 0), (30, 12), (12, 12), (12, 25), (0, 25)])
BAR = shapely.box(0, 0, 40, 15)


def laid(shape: shapely.Polygon, turned: float, *, is_mirrored: bool = False) -> shapely.Polygon:
    """The shape in degrees, turned about its corner and put on the ground."""
    flipped = affinity.scale(shape, -1, 1, origin=(0, 0)) if is_mirrored else shape
    ground = affinity.translate(affinity.rotate(flipped, turned, origin=(0, 0)), *AT)
    here = Placement((1, 0, 0, 1, 0, 0), SRID, "own", 0.0)
    return here.in_degrees(ground)


def controls(*points: tuple[float, float], turned: float = 30.0) -> list[Control]:
    """Points of a plan in mm with where they lie when it is turned."""
    at = [shapely.Point(*one) for one in points]
    ground = [
        Placement((1, 0, 0, 1, 0, 0), SRID, "own", 0.0).in_degrees(
            affinity.translate(affinity.rotate(one, turned, origin=(0, 0)), *AT)
        )
        for one in at
    ]
    return [
        Control(one.x * 1000, one.y * 1000, there.x, there.y)
        for one, there in zip(at, ground, strict=True)
    ]


def test_two_control_points_place_a_plan() -> None:
    placement = by_control(controls((0, 0), (30, 12)), unit_m=0.001)
    assert placement.turned == pytest.approx(30, abs=1e-4)
    assert placement.stretch == pytest.approx(1, abs=1e-6)
    assert placement.residual_m < 1e-4
    ground = on_ground(placement.in_degrees(L_SHAPE), SRID)
    assert shapely.equals_exact(ground, on_ground(laid(L_SHAPE, 30), SRID), tolerance=1e-3)


def test_more_points_share_their_error_and_tell_it() -> None:
    exact = controls((0, 0), (30, 0), (30, 12), (0, 25))
    moved = Control(exact[0].x + 200, exact[0].y, exact[0].longitude, exact[0].latitude)
    placement = by_control([moved, *exact[1:]], unit_m=0.001)
    assert 0.05 < placement.residual_m < 0.2


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda exact: exact[:1], "plan.few_controls"),
        (lambda exact: [exact[0], exact[0]], "plan.controls_at_one_spot"),
        (lambda exact: [exact[0], Control(60_000, 0, exact[1].longitude, exact[1].latitude)],
         "plan.stretched"),
        (lambda exact: [Control(one.x + 3_000 * (at % 2), one.y, one.longitude, one.latitude)
                        for at, one in enumerate(exact)],
         "plan.residual"),
    ],
)  # fmt: skip
def test_points_that_cannot_be_are_refused(change: object, key: str) -> None:
    exact = controls((0, 0), (30, 0), (30, 25), (0, 25))
    with pytest.raises(InputError) as refused:
        by_control(change(exact), unit_m=0.001)  # type: ignore[operator]
    assert refused.value.key == key


def test_a_wrong_unit_shows_in_control_points() -> None:
    with pytest.raises(InputError, match=r"plan\.stretched"):
        by_control(controls((0, 0), (30, 12)), unit_m=0.01)


@pytest.mark.parametrize("turned", [0.0, 17.0, 93.0, 200.0, 300.0])
def test_an_outline_finds_its_building_however_that_is_turned(turned: float) -> None:
    placement = by_footprint(L_SHAPE, laid(L_SHAPE, turned))
    assert abs((placement.turned - turned + 180) % 360 - 180) < 0.05
    assert not placement.is_mirrored
    assert placement.residual_m < 0.05
    assert placement.share == pytest.approx(1, abs=1e-3)


def test_a_mirrored_plan_is_turned_over() -> None:
    placement = by_footprint(L_SHAPE, laid(L_SHAPE, 40, is_mirrored=True))
    assert placement.is_mirrored
    ground = on_ground(placement.in_degrees(L_SHAPE), SRID)
    target = on_ground(laid(L_SHAPE, 40, is_mirrored=True), SRID)
    assert shapely.hausdorff_distance(ground, target) < 0.05


def test_a_plan_that_fits_twice_is_not_guessed() -> None:
    footprint = laid(BAR, 20)
    with pytest.raises(InputError) as refused:
        by_footprint(BAR, footprint)
    assert refused.value.key == "plan.fits_several_ways"
    assert sorted(refused.value.params["known"].split(", ")) == ["20", "200"]
    assert by_footprint(BAR, footprint, turn=200).turned == pytest.approx(200, abs=0.05)
    with pytest.raises(InputError, match=r"plan\.no_such_turn"):
        by_footprint(BAR, footprint, turn=110)


def test_rooms_that_the_register_knows_tell_ways_apart() -> None:
    drawn = [shapely.Point(3, 3), shapely.Point(36, 4)]
    here = Placement((1, 0, 0, 1, 0, 0), SRID, "own", 0.0)
    known = [
        here.in_degrees(affinity.translate(affinity.rotate(one, 200, origin=(0, 0)), *AT))
        for one in drawn
    ]
    marks = list(zip(drawn, known, strict=True))
    placement = by_footprint(BAR, laid(BAR, 200), marks=marks)
    assert placement.turned == pytest.approx(200, abs=0.05)


def test_a_plan_of_another_building_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        by_footprint(L_SHAPE, laid(shapely.box(0, 0, 33, 25), 10))
    assert refused.value.key == "plan.fits_nowhere"
    assert float(refused.value.params["metres"]) > 5


def test_areas_come_from_the_drawing_and_shapes_keep_them() -> None:
    footprint = laid(L_SHAPE, 17)
    room = shapely.box(1, 1, 6, 8)
    placed = by_footprint(L_SHAPE, footprint).in_degrees(room)
    assert on_ground(placed, ground_srid(footprint)).area == pytest.approx(35, rel=1e-3)
    assert np.isfinite(math.fsum(placed.bounds))


def test_a_control_point_out_of_every_zone_is_told() -> None:
    near = Control(0.0, 0.0, 10.0, 20.0)
    with pytest.raises(InputError, match=r"plan\.control_far"):
        by_control([near, Control(10.0, 0.0, 10.1, 20.0)], 1.0)
