"""Which posts are one person's, by a number that says nothing else: never a name or an identity.

A body's own staff number does: whoever does not have the list of staff learns from it only that two
posts are held by one person.
"""

import re
from typing import Final

from sqlalchemy import Connection, text

from gis.errors import Conflict, Forbidden, InputError, NotFound

OPAQUE: Final = "^(?=.*[0-9])[0-9A-Za-z][0-9A-Za-z._/-]{0,39}$"
"""A staff number, as Python and PostgreSQL read it: without a figure it may be a name."""
TELLING: Final = "^([0-9]{15}|[0-9]{17}[0-9Xx]|1[0-9]{10})$"
"""Numbers of identity cards and mobile telephones."""
_POST: Final = """
SELECT person_key, organization_id, rights_cell IN (SELECT cell FROM rights.my_write_cells) AS mine
FROM organization.post WHERE post_id = :post"""
_STATE: Final = """
UPDATE organization.post SET person_key = :key
WHERE post_id = :post AND person_key IS NOT DISTINCT FROM :seen"""


def state_person(conn: Connection, post_id: int, key: str | None, *, seen: str | None) -> int:
    """Say by which number the holder of a post is known.

    Args:
        key: The same on each post of one person; null or blank: not said.
        seen: What it was when whoever states it saw it.

    Returns:
        The body of the post.

    Raises:
        InputError: It is no number, or one that tells who somebody is.
        NotFound: The account sees no such post.
        Forbidden: It is not the account's to say.
        Conflict: Somebody else said otherwise meanwhile.
    """
    key = (key or "").strip() or None
    if key is not None and (re.match(TELLING, key) or not re.match(OPAQUE, key)):
        raise InputError("posts.number_unfit")
    post = conn.execute(text(_POST), {"post": post_id}).one_or_none()
    if post is None:
        raise NotFound("posts.not_found")
    if not post.mine:
        raise Forbidden("posts.not_yours")
    if conn.execute(text(_STATE), {"post": post_id, "key": key, "seen": seen}).rowcount == 0:
        raise Conflict("posts.changed_meanwhile")
    return int(post.organization_id)
