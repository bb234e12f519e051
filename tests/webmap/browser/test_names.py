"""Where the names of districts stand on a crowded map."""

from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

HOME = {"left": 0, "right": 300, "top": 0, "bottom": 200}
MIDDLE = {"name": "示例区", "x": 150, "y": 100}


def place(page: Page, circles: list[dict[str, int]]) -> Any:
    """Pixels right and down of the name's own spot in a district of 300 by 200; null: nowhere."""
    return page.evaluate(
        """async ([home, name, circles]) => {
          const main = document.querySelector("script[type=module][src]").src;
          const { freeSpots } = await import(main.replace("main.js", "names.js"));
          const isHome = (_, x, y) =>
            x >= home.left && x <= home.right && y >= home.top && y <= home.bottom;
          return freeSpots([name], circles, isHome).get(name.name);
        }""",
        [HOME, MIDDLE, circles],
    )


def test_a_name_stays_where_nothing_is_in_its_way(page: Page) -> None:
    assert place(page, [{"x": 20, "y": 20, "radius": 12}]) == [0, 0]


def test_a_name_steps_off_a_circle_within_its_district(page: Page) -> None:
    right, down = place(page, [{"x": 150, "y": 100, "radius": 60}])
    assert abs(down) > 60
    assert 0 < MIDDLE["y"] + down < HOME["bottom"]
    assert right == 0


def test_no_name_stands_in_the_next_district(page: Page) -> None:
    assert place(page, [{"x": 150, "y": 100, "radius": 160}]) is None
