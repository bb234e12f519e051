"""Writers whose database is killed: what they were told is kept stays, and nothing stays half."""

from pathlib import Path

import pytest

from bench.kills import Course, figures_of, kill_and_prove
from bench.kills_proof import Proof
from bench.kills_writers import KINDS

ROUNDS, WRITERS = 2, 4


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Proof]:
    folder = Path(tmp_path_factory.mktemp("kills")) / "state"
    return kill_and_prove(folder, rounds=ROUNDS, writers=WRITERS)


def test_nothing_acknowledged_is_lost_and_nothing_stays_half(
    killed: tuple[Course, Proof],
) -> None:
    course, proof = killed
    assert proof.wrong() == []
    assert course.refused_in_peace() == []
    assert course.faults() == []
    assert len(course.away) == ROUNDS
    assert {one.kind for one in course.acknowledged()} == set(KINDS)
    assert len(course.heads) > 0
    assert figures_of(course, proof).values["lost"] == 0
