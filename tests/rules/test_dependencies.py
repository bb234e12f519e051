"""What is installed from the lock may be used and passed on, and is what was locked.

Known holes are another question: an advisory list is asked over a network, see docs/operation.md.
"""

import re
from importlib import metadata
from pathlib import Path

LOCK = (Path(__file__).parents[2] / "requirements.lock").read_text(encoding="utf-8")
LOCKED = dict(re.findall(r"(?m)^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", LOCK))
FREE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python Software Foundation|ISC|Zlib|CC0|MPL|Mozilla|LGPL)\b"
)
"""Permissive, or asking only that changes to itself stay open; none that reaches what uses it."""


def licence(name: str) -> str:
    """As the package states it: an expression, else its classifiers, else a line of text."""
    said = metadata.metadata(name)
    classified = [
        one.rpartition(" :: ")[2]
        for one in said.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    text = said.get("License") or ""
    stated: str = said.get("License-Expression") or ""
    return stated or " AND ".join(classified) or text.partition("\n")[0]


def is_free(stated: str) -> bool:
    """Whether each part of what is stated may be had under a free licence."""
    return all(
        any(FREE.search(choice) for choice in re.split(r" OR ", part))
        for part in re.split(r" AND ", stated)
    )


def test_every_package_may_be_used_and_passed_on() -> None:
    assert len(LOCKED) > 50
    stated = {name: licence(name) for name in LOCKED}
    assert {name: said for name, said in stated.items() if not is_free(said)} == {}


def test_other_licences_and_none_are_noticed() -> None:
    for said in ("AGPL-3.0-only", "GPL-3.0-or-later", "", "MIT AND GPL-2.0", "Proprietary"):
        assert not is_free(said), said
    for said in ("MIT OR GPL-2.0", "MPL-2.0 AND (Apache-2.0 OR MIT)", "BSD License"):
        assert is_free(said), said


def test_what_is_installed_is_what_was_locked() -> None:
    installed = {name: metadata.version(name) for name in LOCKED}
    assert installed == LOCKED


def test_every_package_is_locked_by_its_hash() -> None:
    blocks = re.split(r"(?m)^(?=[a-z0-9])", LOCK)
    assert [one for one in blocks if "==" in one and "--hash=sha256:" not in one] == []
