"""No answer is otherwise for what the asker may not see being in the register."""

import pytest

from tests.rights.askers import SHAPES
from tests.rights.conftest import World
from tests.rights.matrix import leaks, questions


@pytest.mark.parametrize("name", SHAPES)
def test_an_account_is_answered_as_if_nothing_else_were_there(world: World, name: str) -> None:
    assert leaks(world, world.askers[name], questions(world)) == []
