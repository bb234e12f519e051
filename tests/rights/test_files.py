"""Files that are taken away, tiles that are kept, and answers that are asked for again."""

import pytest

from tests.rights.answers import Probe, ask, decoded
from tests.rights.askers import SHAPES, Asker
from tests.rights.conftest import World
from tests.rights.matrix import few, leaks, questions
from tests.rights.reads import tile_addresses
from webmap.session import COOKIE


@pytest.mark.parametrize("name", ["viewer_internal", "officer_of_body", "viewer_of_area"])
def test_a_file_holds_nothing_else_than_its_reader_sees(world: World, name: str) -> None:
    asked = questions(world, heavy=True)
    of_properties = [one for one in asked if "/property/" in one.path]
    chosen = {str(one): one for one in (*few(asked), *of_properties)}
    assert leaks(world, world.askers[name], chosen.values()) == []


def test_a_file_of_any_layer_in_any_format_holds_nothing_else(world: World) -> None:
    asked = [one for one in questions(world, heavy=True) if one.channel == "export"]
    assert leaks(world, world.askers["viewer_internal"], asked) == []


def _tile(world: World, asker: Asker, path: str, tag: str | None) -> tuple[int, str, str]:
    browser = world.app.test_client()
    browser.set_cookie(COOKIE, str(asker.token))
    headers = {"If-None-Match": tag} if tag else {}
    answer = browser.get(path, headers=headers)
    return answer.status_code, answer.headers["ETag"], decoded(answer)


def test_a_kept_tile_is_nobody_elses(world: World) -> None:
    """One after the other, with the tag that the one before was given."""
    askers = [world.askers[name] for name in ("everything", *SHAPES)]
    paths = [path for path in tile_addresses(world.city) if "/14/" in path]
    assert len(paths) > 5
    for path in paths:
        alone = {one.name: _tile(world, one, path, None) for one in askers}
        tags = {tag for _, tag, _ in alone.values()}
        assert len(tags) == len(askers)
        for before, after in zip(askers, [*askers[1:], askers[0]], strict=True):
            assert _tile(world, after, path, alone[before.name][1]) == alone[after.name]
            own = _tile(world, after, path, alone[after.name][1])
            assert (own[0], own[2]) == (304, "")


def test_a_photo_that_was_shown_to_one_is_asked_for_anew_for_the_next(world: World) -> None:
    photo = world.city.spots["internal"].rows["photo_id"]
    probe = Probe("", "item", "GET", f"/api/photos/{photo}/image")
    tag = f'"{photo}-l"'
    for name, status in (("viewer_internal", 304), ("viewer", 404), ("everything", 304)):
        answer = ask(world.app.test_client(), world.askers[name], probe, **{"If-None-Match": tag})
        assert answer.status == status, name
