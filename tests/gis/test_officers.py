"""An officer writes in one domain of the registry, reads all of their cells, and nothing more."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from makers import make_place
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, text
from three_offices import Bureau

from assets.campaign.actions.issue import may_issue
from assets.registry import DOMAINS, METADATA, PLACES_DOMAIN
from etl.forbidden import refuse_forbidden_rows
from gis.clock import today
from gis.db import Database, Role, run_script, transaction
from gis.errors import Forbidden
from gis.rights import policies
from gis.rights.actions import Grant, ensure_account, open_session
from gis.rights.grants import Wanted, confirm_grant, listed_events, listed_grants, make_grant
from gis.rights.model import rights_cell_column

_number = count()
_COUNT = {
    None: "SELECT count(*) FROM rights.my_shared_write_cells",
    PLACES_DOMAIN: "SELECT count(*) FROM rights.my_write_cells",
}
_RENAME = "UPDATE place.place SET name = name || '.' WHERE code = 'A' RETURNING code"


@pytest.fixture(scope="module")
def bureau(make_database: Callable[[str], Database]) -> Bureau:
    return Bureau(make_database("onemap_officers"))


@pytest.fixture
def name(bureau: Bureau) -> str:
    made = f"officer{next(_number)}"
    bureau.add(made)
    return made


def _rename(conn: Connection) -> list[str]:
    return list(conn.execute(text(_RENAME)).scalars())


def _written_in(bureau: Bureau, name: str) -> dict[str | None, int]:
    """In how many cells the account writes, by domain; null: what domains share."""

    def counts(conn: Connection) -> dict[str | None, int]:
        found: dict[str | None, int] = {None: conn.execute(text(_COUNT[None])).scalar_one()}
        for domain in DOMAINS:
            found[domain.name] = conn.execute(
                text("SELECT count(*) FROM rights.my_domain_write_cells WHERE domain = :name"),
                {"name": domain.name},
            ).scalar_one()
        assert conn.execute(text(_COUNT[PLACES_DOMAIN])).scalar_one() == found[PLACES_DOMAIN]
        return found

    made: dict[str | None, int] = bureau.run(name, counts)
    return made


@pytest.mark.parametrize("domain", [one.name for one in DOMAINS])
def test_an_officer_of_one_domain_writes_there_and_reads_everywhere(
    bureau: Bureau, name: str, domain: str
) -> None:
    bureau.grant("security_admin.a", Wanted(name, "officer", "bureau", domain=domain))
    assert bureau.sees(name) == ["A"]
    written = _written_in(bureau, name)
    assert written.pop(None) == 1
    assert {one for one, cells in written.items() if cells} == {domain}
    assert bureau.run(name, _rename) == (["A"] if domain == PLACES_DOMAIN else [])


def test_an_officer_without_a_domain_writes_in_all(bureau: Bureau, name: str) -> None:
    bureau.grant("security_admin.a", Wanted(name, "officer", "bureau"))
    assert set(_written_in(bureau, name).values()) == {1}


def test_two_domains_are_two_grants_and_add_up(bureau: Bureau, name: str) -> None:
    for domain in ("campaign", PLACES_DOMAIN):
        bureau.grant("security_admin.a", Wanted(name, "officer", "bureau", domain=domain))
    written = _written_in(bureau, name)
    assert written["campaign"] == written[PLACES_DOMAIN] == 1


def test_what_another_domain_keeps_is_refused_by_row_security(bureau: Bureau, name: str) -> None:
    """Not a place is added, and no campaign changed, though the cell is the officer's."""
    bureau.grant("security_admin.a", Wanted(name, "officer", "bureau", domain="campaign"))

    def add_place(conn: Connection) -> None:
        conn.execute(
            text(
                "INSERT INTO place.place (code, kind, name, steward_id, admin_area_code,"
                " security_class, rights_cell) SELECT 'mine', 'site', 'mine', steward_id,"
                " admin_area_code, security_class, rights_cell FROM place.place WHERE code = 'A'"
            )
        )

    assert bureau.refused(name, add_place) == "account.may_not_write"
    keeper = f"keeper{name}"
    bureau.add(keeper)
    bureau.grant("security_admin.a", Wanted(keeper, "officer", "bureau", domain=PLACES_DOMAIN))

    def issue(conn: Connection) -> None:
        conn.execute(
            text(
                "INSERT INTO campaign.campaign (name, form, as_of, due_on, baseline_on,"
                " rights_cell) SELECT 'x', 'survey', current_date, current_date, current_date,"
                " rights_cell FROM place.place WHERE code = 'A'"
            )
        )

    assert bureau.refused(keeper, issue) == "account.may_not_write"
    assert not bureau.run(keeper, may_issue)


def test_no_officer_of_one_domain_is_without_limits(bureau: Bureau) -> None:
    """The directory of bodies decides rights: it stays out of a single domain's reach."""
    whole = {"max_security_class": 3}
    with bureau.database.engine(Role.OWNER).begin() as owner:
        tokens = [
            open_session(
                owner,
                ensure_account(owner, who, [Grant("officer", domain=domain, **whole)]),
                lifetime=timedelta(minutes=5),
            )
            for who, domain in (("all", None), ("places", PLACES_DOMAIN))
        ]
    may = []
    for token in tokens:
        with transaction(bureau.database.engine(Role.WEB), token) as conn:
            may.append(conn.execute(text("SELECT rights.may_write_all()")).scalar_one())
    assert may == [True, False]


def test_a_load_of_another_domains_rows_is_refused(bureau: Bureau, name: str) -> None:
    """The loader writes past row security, and is judged by its history lines."""
    bureau.grant("security_admin.a", Wanted(name, "officer", "bureau", domain="campaign"))
    with bureau.database.engine(Role.OWNER).begin() as owner:
        token = open_session(owner, bureau.ids[name], lifetime=timedelta(minutes=5))

    def load(conn: Connection) -> None:
        number = conn.execute(
            text(
                "INSERT INTO staging.load (file_name, file_sha256, state, account_id)"
                " VALUES ('x', '\\x00', 'running', rights.current_account_id()) RETURNING load_id"
            )
        ).scalar_one()
        conn.execute(text(f"SET LOCAL onemap.load_id = '{number}'"))
        assert _rename(conn) == ["A"]
        refuse_forbidden_rows(conn, [number])

    with (
        pytest.raises(Forbidden) as refused,
        transaction(bureau.database.engine(Role.LOADER), token) as conn,
    ):
        load(conn)
    assert refused.value.key == "load.forbidden"


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"role": "clerk", "domain": "campaign"}, "grant.domain_of_officers"),
        ({"role": "viewer", "domain": "campaign"}, "grant.domain_of_officers"),
        ({"role": "audit_admin", "body": None, "domain": "campaign"}, "grant.domain_of_officers"),
        ({"role": "officer", "domain": "nothing"}, "grant.unknown_domain"),
    ],
)
def test_a_domain_that_makes_no_sense_is_refused(
    bureau: Bureau, name: str, wrong: dict[str, Any], key: str
) -> None:
    wanted = Wanted(**{"account": name, "body": "bureau", **wrong})
    assert bureau.refused("security_admin.a", make_grant, wanted) == key


def test_a_far_reaching_officer_of_one_domain_needs_two_persons(bureau: Bureau, name: str) -> None:
    wanted = Wanted(name, "officer", domain="campaign", valid_to=today() + timedelta(9))
    made = bureau.grant("security_admin.a", wanted)
    assert made.is_pending
    assert _written_in(bureau, name)[None] == 0
    bureau.run("security_admin.b", confirm_grant, made.grant_id)
    assert _written_in(bureau, name)["campaign"] > 0
    [row] = [one for one in bureau.run("security_admin.b", listed_grants) if one.account == name]
    assert (row.domain, row.state, row.confirmed_by) == ("campaign", "standing", "security_admin.b")
    [asked] = [
        one.details
        for one in bureau.run("audit_admin.a", listed_events, most=500)
        if one.kind == "grant_asked" and one.account == name
    ]
    assert asked["domain"] == "campaign"


def test_a_table_of_a_new_domain_is_covered_by_registering_it(bureau: Bureau, name: str) -> None:
    new = MetaData()
    known = METADATA.info[policies.DOMAINS]
    new.info |= {**METADATA.info, policies.DOMAINS: {**known, "tea": "tea"}}
    cups = Table("cup", new, Column("cup_id", Integer, primary_key=True), Column("name", Text),
                 rights_cell_column(), schema="tea")  # fmt: skip
    with bureau.database.admin().begin() as admin:
        run_script(admin, "CREATE SCHEMA tea AUTHORIZATION onemap_owner")
    with bureau.database.engine(Role.OWNER).begin() as owner:
        run_script(owner, "CREATE TABLE tea.cup (cup_id serial, name text, rights_cell integer)")
        run_script(owner, "GRANT USAGE ON SCHEMA tea TO onemap_web, onemap_operator")
        run_script(owner, "GRANT USAGE ON SEQUENCE tea.cup_cup_id_seq TO onemap_web")
        run_script(owner, "GRANT SELECT, INSERT ON tea.cup TO onemap_web, onemap_operator")
        for statement in (*policies.domains_ddl(new), *policies.policy_ddl(cups)):
            run_script(owner, statement)
        make_place(owner, f"tea{name}", steward_id=bureau.ids["bureau"], admin_area_code="320402")

    def pour(conn: Connection) -> int:
        return conn.execute(
            text("INSERT INTO tea.cup (name, rights_cell) SELECT 'x', rights_cell"
                 " FROM place.place WHERE code = :code"), {"code": f"tea{name}"},
        ).rowcount  # fmt: skip

    bureau.grant("security_admin.a", Wanted(name, "officer", "bureau", domain="tea"))
    assert bureau.run(name, pour) == 1
    for domain in (PLACES_DOMAIN, "campaign"):
        other = f"{domain}{name}"
        bureau.add(other)
        bureau.grant("security_admin.a", Wanted(other, "officer", "bureau", domain=domain))
        assert bureau.refused(other, pour) == "account.may_not_write"
