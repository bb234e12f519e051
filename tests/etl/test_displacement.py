"""The datum of points is told by how far, and which way, they lie from their known places."""

import numpy as np
import pytest
from fast_geocn import wgs84_to_bd09, wgs84_to_gcj02

from etl import datum as datums
from etl.displacement import decide, misses_m

CITIES = [(119.97, 31.81), (116.40, 39.90), (87.62, 43.82), (103.0, 25.0)]


def _places(middle: tuple[float, float], count: int = 60) -> np.ndarray:
    rng = np.random.default_rng(7)
    return np.array(middle) + rng.uniform(-0.2, 0.2, (count, 2))


def _noise(places: np.ndarray, metres: float, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    scale = 111_195 * np.column_stack([np.cos(np.radians(places[:, 1])), np.ones(len(places))])
    return rng.normal(0, metres, places.shape) / scale


@pytest.mark.parametrize("middle", CITIES)
@pytest.mark.parametrize("datum", ["CGCS2000", "GCJ-02", "BD-09"])
def test_each_datum_is_told_in_every_part_of_the_country(
    middle: tuple[float, float], datum: str
) -> None:
    places = _places(middle)
    stated = places + datums.offset_of(datum, places) + _noise(places, 120)
    verdict = decide(stated, places)
    assert (verdict.datum, verdict.pairs) == (datum, 60)


def test_the_expected_offset_is_that_of_an_independent_implementation() -> None:
    gcj = wgs84_to_gcj02(119.97, 31.81)
    bd = wgs84_to_bd09(119.97, 31.81)
    at = np.array([[119.97, 31.81]])
    assert np.allclose(at + datums.offset_of("GCJ-02", at), [gcj], atol=1e-6)
    assert np.allclose(at + datums.offset_of("BD-09", at), [bd], atol=1e-6)
    assert misses_m(np.array([gcj]), at, "CGCS2000")[0] == pytest.approx(503, abs=15)
    assert misses_m(np.array([bd]), at, "CGCS2000")[0] == pytest.approx(1155, abs=40)


def test_a_fifth_of_wrong_pairs_does_not_mislead() -> None:
    places = _places(CITIES[0], 100)
    stated = places + datums.offset_of("GCJ-02", places) + _noise(places, 60)
    stated[:20] += _noise(places[:20], 20_000, seed=3)
    assert decide(stated, places).datum == "GCJ-02"


def test_nineteen_pairs_are_too_few() -> None:
    places = _places(CITIES[0], 19)
    verdict = decide(places + datums.offset_of("BD-09", places), places)
    assert (verdict.datum, verdict.reason, verdict.pairs) == (None, "few", 19)


def test_a_shift_that_is_no_datum_s_is_not_taken_for_one() -> None:
    places = _places(CITIES[0])
    verdict = decide(
        places + np.array([0.0, 0.0045]), places
    )  # 500 m north, where GCJ-02 goes south-east
    assert (verdict.datum, verdict.reason) == (None, "ambiguous")
    assert verdict.distance_m == pytest.approx(500, abs=5)
    assert verdict.direction_deg == pytest.approx(0, abs=1)


def test_a_file_that_mixes_datums_is_not_decided_by_its_larger_half() -> None:
    places = _places(CITIES[0], 100)
    stated = places.copy()
    stated[:55] += datums.offset_of("GCJ-02", places[:55])
    assert decide(stated, places).datum is None
