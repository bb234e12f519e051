"""Passwords: the rules for choosing one, and the Argon2id hash that is checked.

What the database keeps is the digest of the hash, and the hash is made here: so neither a password
nor what is kept of it ever crosses to the other side.
"""

import hashlib
import secrets
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from gis.errors import InputError

SHORTEST: Final = 10
LONGEST: Final = 128
_LEAST_SCORE: Final = 3
"""Of zxcvbn's 0 to 4: more than a hundred million guesses, known passwords and patterns first."""
_READ_FOR_SCORE: Final = 72
"""zxcvbn's time grows with the length; what is that hard to guess stays so."""
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what people mistake for one another."""

# Each hash takes 64 MiB: a crowd that signs in at once waits its turn.
_AT_ONCE: Final = threading.Semaphore(2)


@dataclass(frozen=True)
class Cost:
    """What an Argon2id hash costs; the defaults are the second choice of RFC 9106."""

    time_cost: int = 3
    memory_kib: int = 65536
    parallelism: int = 4


USUAL_COST: Final = Cost()


@dataclass(frozen=True)
class Credential:
    """What the database keeps of a password."""

    salt: bytes
    cost: Cost
    verifier: bytes


def proof(password: str, salt: bytes, cost: Cost) -> bytes:
    """The Argon2id hash of a password: whoever has it, knew the password.

    One beyond the longest allowed is hashed as none, which fits nothing and takes as long.
    """
    written = _normalised(password)
    with _AT_ONCE:
        return hash_secret_raw(
            ("" if len(written) > LONGEST else written).encode(),
            salt,
            time_cost=cost.time_cost,
            memory_cost=cost.memory_kib,
            parallelism=cost.parallelism,
            hash_len=_HASH_BYTES,
            type=Type.ID,
        )


def new_credential(password: str) -> Credential:
    """What to keep of a new password, with a salt of its own."""
    salt = secrets.token_bytes(_SALT_BYTES)
    made = proof(password, salt, USUAL_COST)
    return Credential(salt, USUAL_COST, hashlib.sha256(made).digest())


def check_new_password(password: str, *, about: Sequence[str] = ()) -> None:
    """The rules for choosing a password.

    Args:
        password: As it was typed.
        about: Words an attacker would try first: the account's name, its title.

    Raises:
        InputError: It is too short, too long, or among what is guessed first.
    """
    # Its lists of common passwords take memory that only this needs.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    written = _normalised(password)
    if len(written) < SHORTEST:
        raise InputError("password.too_short", least=SHORTEST)
    if len(written) > LONGEST:
        raise InputError("password.too_long", most=LONGEST)
    lowered = written.lower()
    # Two Chinese characters are a whole name, two letters are in every other word.
    names = [word.lower() for word in about if len(word) > (2 if word.isascii() else 1)]
    if any(name in lowered for name in names):
        raise InputError("password.about_the_account")
    scored = zxcvbn(written[:_READ_FOR_SCORE], user_inputs=list(about), max_length=_READ_FOR_SCORE)
    if scored["score"] < _LEAST_SCORE:
        raise InputError("password.too_common")


def first_password() -> str:
    """A random password to hand over, to be changed at once: 4 groups of 5 letters and digits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def _normalised(password: str) -> str:
    # Full width letters of an input method are the letters a person means.
    return unicodedata.normalize("NFKC", password)
