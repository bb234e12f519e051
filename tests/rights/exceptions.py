"""What is excepted from a rule of rights, each with its reason: one file for all of them."""

import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("exceptions.toml")


def excepted(rule: str) -> dict[str, str]:
    """Names that a rule does not hold for, with the reason."""
    listed: dict[str, dict[str, str]] = tomllib.loads(FILE.read_text("utf-8"))
    return listed[rule]


def against(rule: str, found: set[str]) -> dict[str, list[str]]:
    """What breaks a rule and is not excepted, and exceptions that nothing needs; empty is good."""
    listed = set(excepted(rule))
    wrong = {"breaks_the_rule": found - listed, "needless_exception": listed - found}
    return {name: sorted(names) for name, names in wrong.items() if names}
