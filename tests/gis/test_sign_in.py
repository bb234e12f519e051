"""Signing in: what the database lets through, counts and keeps to itself."""

import base64
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from argon2.low_level import Type, hash_secret
from people import CHOSEN, add_beginner, add_person, attempt
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gis.db import Database, Role, transaction
from gis.errors import InputError
from gis.rights.accounts import reset_password, set_active
from gis.rights.passwords import SHORTEST, Cost, check_new_password, first_password, proof
from gis.rights.sign_in import Outcome, change_password, end_my_session, my_sessions
from tests.conftest import open_operator

_number = count()


@pytest.fixture(scope="module")
def kept(make_database: Callable[[str], Database]) -> Database:
    return make_database("onemap_sign_in")


@pytest.fixture
def name() -> str:
    return f"person{next(_number)}"


def _who(database: Database, token: str | None) -> int | None:
    with transaction(database.engine(Role.WEB), token) as conn:
        found: int | None = conn.execute(text("SELECT rights.note_presence()")).scalar_one()
    return found


def _as_owner(database: Database, statement: str, **values: object) -> None:
    with database.engine(Role.OWNER).begin() as owner:
        owner.execute(text(statement), values)


def test_the_right_password_opens_a_session_and_nothing_else_does(
    kept: Database, name: str
) -> None:
    account_id = add_person(kept, name)
    made = attempt(kept, f" {name.upper()} ", CHOSEN)
    assert (made.outcome, _who(kept, made.token)) == (Outcome.SIGNED_IN, account_id)
    for wrong in ("", CHOSEN.upper(), CHOSEN + " ", "x" * 100_000):
        assert attempt(kept, name, wrong).outcome is Outcome.WRONG


def test_full_width_letters_of_an_input_method_are_the_same_password(
    kept: Database, name: str
) -> None:
    add_person(kept, name)
    wide = "".join(chr(ord(c) + 0xFEE0) if "a" <= c <= "z" else c for c in CHOSEN)
    assert attempt(kept, name, wide).outcome is Outcome.SIGNED_IN


def test_an_unknown_name_is_answered_and_hashed_like_a_known_one(kept: Database, name: str) -> None:
    add_person(kept, name)
    salts = []
    with kept.engine(Role.WEB).begin() as conn:
        for asked in (name, name, "nobody", "nobody", "noone", ""):
            row = conn.execute(
                text("SELECT * FROM rights.password_salt(:n, 'a', 3, 65536, 4)"), {"n": asked}
            ).one()
            assert (len(row.salt), row.time_cost, row.memory_kib, row.parallelism) == (
                16, 3, 65536, 4,
            )  # fmt: skip
            salts.append(bytes(row.salt))
    # The same each time it is asked, as a kept one is, and another for another name.
    assert salts[0] == salts[1]
    assert salts[2] == salts[3]
    assert len(set(salts)) == 4
    for asked in ("nobody", "operator", "", "两个字 空格", "x" * 5000):
        assert attempt(kept, asked, CHOSEN).outcome is Outcome.WRONG


@pytest.mark.parametrize("table", ["credential", "sign_in_failure", "sign_in_secret", "event"])
def test_the_web_reads_no_password_and_no_log(kept: Database, table: str) -> None:
    for role in (Role.WEB, Role.OPERATOR, Role.LOADER):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            kept.engine(role).begin() as conn,
        ):
            conn.execute(text(f"SELECT * FROM rights.{table}"))


@pytest.mark.parametrize(
    "call",
    [
        "put_credential(1, '', 1, 1, 1, '', false)", "forget_attempt('account x', true)",
        "count_attempt('account x', 9)", "end_sessions(1)",
        "listed_accounts()", "set_account_active('person0', false, null)",
        "reset_password('person0', '', 1, 1, 1, '', null)",
    ],
)  # fmt: skip
def test_the_web_by_itself_makes_and_changes_no_account(kept: Database, call: str) -> None:
    with (
        pytest.raises(Exception, match=r"permission denied|not_your_office"),
        kept.engine(Role.WEB).begin() as conn,
    ):
        conn.execute(text(f"SELECT rights.{call}"))


def test_what_is_kept_does_not_open_the_account(kept: Database, name: str) -> None:
    """Who steals the table has the digest of what must be shown, not the thing itself."""
    add_person(kept, name)
    with kept.engine(Role.OWNER).begin() as owner:
        verifier = owner.execute(
            text("SELECT verifier FROM rights.credential JOIN rights.account USING (account_id)"
                 " WHERE name = :name"), {"name": name},
        ).scalar_one()  # fmt: skip
    with kept.engine(Role.WEB).begin() as conn:
        row = conn.execute(
            text("SELECT outcome FROM rights.sign_in(:n, :v, 'd', 'a', 60, 60)"),
            {"n": name, "v": bytes(verifier)},
        ).one()
    assert row.outcome == "wrong"


def test_guessing_is_locked_out_ever_longer_and_the_right_password_waits_too(
    kept: Database, name: str
) -> None:
    add_person(kept, name)
    for asked in (name, f"no{name}"):
        outcomes = [attempt(kept, asked, f"guess{n}").outcome for n in range(5)]
        assert outcomes == [Outcome.WRONG] * 5
        locked = attempt(kept, asked, CHOSEN)
        assert locked.outcome is Outcome.WAIT
        assert 0 < locked.wait_s <= 30
    _as_owner(kept, "UPDATE rights.sign_in_failure SET locked_until = now()")
    assert attempt(kept, name, "guess").outcome is Outcome.WRONG
    assert 30 < attempt(kept, name, CHOSEN).wait_s <= 60
    _as_owner(kept, "UPDATE rights.sign_in_failure SET locked_until = now()")
    assert attempt(kept, name, CHOSEN).outcome is Outcome.SIGNED_IN
    # Whoever got in begins anew.
    assert attempt(kept, name, "guess").outcome is Outcome.WRONG
    assert attempt(kept, name, CHOSEN).outcome is Outcome.SIGNED_IN


def test_guesses_at_once_are_counted_one_by_one(kept: Database, name: str) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        with kept.engine(Role.WEB).begin() as conn:
            outcomes.append(
                conn.execute(
                    text("SELECT outcome FROM rights.sign_in(:n, 'p', 'd', 'many', 60, 60)"),
                    {"n": name},
                ).scalar_one()
            )

    threads = [threading.Thread(target=guess) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["wait"] * 4 + ["wrong"] * 5


def test_one_address_that_tries_many_names_is_locked_out_alone(kept: Database, name: str) -> None:
    add_person(kept, name)
    with kept.engine(Role.WEB).begin() as conn:
        for n in range(40):
            conn.execute(text("SELECT rights.sign_in(:n, 'p', 'd', '10.9.9.9', 60, 60)"),
                         {"n": f"spray{n}"})  # fmt: skip
    assert attempt(kept, name, CHOSEN, address="10.9.9.9").outcome is Outcome.WAIT
    assert attempt(kept, name, CHOSEN, address="10.9.9.8").outcome is Outcome.SIGNED_IN


def test_a_session_ends_when_nobody_uses_it_and_at_the_end_of_the_day(
    kept: Database, name: str
) -> None:
    account_id = add_person(kept, name)
    token = attempt(kept, name, CHOSEN).token
    _as_owner(
        kept, "UPDATE rights.session SET seen_at = now() - interval '29 min' WHERE account_id = :a",
        a=account_id,
    )  # fmt: skip
    # Being used moves its end.
    assert _who(kept, token) == account_id
    with kept.engine(Role.OWNER).begin() as owner:
        idle = owner.execute(
            text("SELECT now() - seen_at FROM rights.session WHERE account_id = :a"),
            {"a": account_id},
        ).scalar_one()
    assert idle < timedelta(minutes=1)
    _as_owner(
        kept, "UPDATE rights.session SET seen_at = now() - interval '31 min' WHERE account_id = :a",
        a=account_id,
    )  # fmt: skip
    assert _who(kept, token) is None
    token = attempt(kept, name, CHOSEN).token
    _as_owner(kept, "UPDATE rights.session SET expires_at = now() WHERE account_id = :a",
              a=account_id)  # fmt: skip
    assert _who(kept, token) is None


def test_a_first_password_opens_nothing_but_the_choice_of_one(kept: Database, name: str) -> None:
    first = add_beginner(kept, name)
    made = attempt(kept, name, first)
    assert made.outcome is Outcome.MUST_CHANGE
    assert _who(kept, made.token) is None
    with transaction(kept.engine(Role.WEB), made.token) as conn:
        changed = change_password(conn, first, CHOSEN, address="")
    assert changed.outcome is Outcome.CHANGED
    # The token from before is worth nothing any more.
    assert _who(kept, made.token) is None
    assert _who(kept, changed.token) is not None
    assert attempt(kept, name, first).outcome is Outcome.WRONG


def test_a_first_password_is_good_for_a_week(kept: Database, name: str) -> None:
    first = add_beginner(kept, name)
    _as_owner(kept, "UPDATE rights.credential SET expires_at = now() WHERE expires_at IS NOT NULL")
    assert attempt(kept, name, first).outcome is Outcome.WRONG


def test_a_changed_password_ends_the_other_sessions(kept: Database, name: str) -> None:
    add_person(kept, name)
    here, elsewhere = (attempt(kept, name, CHOSEN).token for _ in range(2))
    with transaction(kept.engine(Role.WEB), here) as conn:
        assert change_password(conn, "not it", "violet canal 88 bridges", address="").token is None
    assert _who(kept, elsewhere) is not None
    with transaction(kept.engine(Role.WEB), here) as conn:
        changed = change_password(conn, CHOSEN, "violet canal 88 bridges", address="")
    assert (_who(kept, here), _who(kept, elsewhere)) == (None, None)
    assert _who(kept, changed.token) is not None


def test_ones_own_sessions_are_listed_and_ended_and_nobody_elses(kept: Database, name: str) -> None:
    add_person(kept, name)
    add_person(kept, f"{name}b")
    here, elsewhere = (attempt(kept, name, CHOSEN).token for _ in range(2))
    other = attempt(kept, f"{name}b", CHOSEN).token
    with transaction(kept.engine(Role.WEB), other) as conn:
        [foreign] = my_sessions(conn)
    with transaction(kept.engine(Role.WEB), here) as conn:
        listed = my_sessions(conn)
        assert sorted(one.is_this for one in listed) == [False, True]
        with pytest.raises(Exception, match=r"session\.none"):
            end_my_session(conn, foreign.session_id, address="")
        [old] = [one.session_id for one in listed if not one.is_this]
        end_my_session(conn, old, address="")
    assert [_who(kept, token) is None for token in (here, elsewhere, other)] == [
        False, True, False,
    ]  # fmt: skip


def test_shut_and_reset_accounts_lose_their_sessions_at_once(kept: Database, name: str) -> None:
    add_person(kept, name)
    operator = open_operator(kept).token
    token = attempt(kept, name, CHOSEN).token
    with transaction(kept.engine(Role.OPERATOR), operator) as conn:
        set_active(conn, name, is_active=False)
    assert _who(kept, token) is None
    assert attempt(kept, name, CHOSEN).outcome is Outcome.WRONG
    with transaction(kept.engine(Role.OPERATOR), operator) as conn:
        set_active(conn, name, is_active=True)
    # What was open before stays ended.
    assert _who(kept, token) is None
    token = attempt(kept, name, CHOSEN).token
    with transaction(kept.engine(Role.OPERATOR), operator) as conn:
        first = reset_password(conn, name)
    assert _who(kept, token) is None
    assert attempt(kept, name, CHOSEN).outcome is Outcome.WRONG
    assert attempt(kept, name, first).outcome is Outcome.MUST_CHANGE


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("Short1!", "password.too_short"), ("长" * (SHORTEST - 1), "password.too_short"),
        ("x7" * 70, "password.too_long"), ("Password123", "password.too_common"),
        ("1234567890", "password.too_common"), ("qwertyuiop", "password.too_common"),
        ("admin12345", "password.too_common"), ("aaaaaaaaaaaaaaaa", "password.too_common"),
        ("my ZhangSan river 41", "password.about_the_account"),
        ("运河边的张三喝茶看海", "password.about_the_account"),
    ],
)  # fmt: skip
def test_a_password_is_chosen_by_stated_rules(password: str, key: str) -> None:
    with pytest.raises(InputError) as refused:
        check_new_password(password, about=["zhangsan", "张三"])
    assert refused.value.key == key


def test_good_and_first_passwords_pass_the_rules() -> None:
    for password in (CHOSEN, first_password(), "运河 茶壶 九月 骑车去看海", "长" + "x8#Kq" * 20):
        check_new_password(password, about=["zhangsan"])
    assert first_password() != first_password()


def test_the_hash_is_argon2id_at_the_stated_cost() -> None:
    """Against the same inputs given to the library's own encoded form."""
    encoded = hash_secret(
        b"pw", b"0123456789abcdef", time_cost=2, memory_cost=64, parallelism=1, hash_len=32,
        type=Type.ID,
    )  # fmt: skip
    tail = encoded.rsplit(b"$", 1)[1]
    assert base64.b64decode(tail + b"=" * (-len(tail) % 4)) == proof(
        "pw", b"0123456789abcdef", Cost(2, 64, 1)
    )
