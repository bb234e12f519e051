"""The page of administrators: accounts, grants and the log, each for its office."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template
from sqlalchemy import Connection

from assets.registry import DOMAIN_TITLES
from gis.errors import Forbidden, InputError
from gis.rights import accounts, grants
from webmap.asked import json_object, stated_day, whole_number
from webmap.language import language, say, script_messages
from webmap.nightly import last_night
from webmap.provider_links import link_to, value_of
from webmap.session import asking, client_address
from webmap.web_settings import kept_settings

blueprint = Blueprint("accounts", __name__)

HERE: Final = "/accounts"
_LOG_PAGE: Final = 100
_STEPS: Final[dict[str, Callable[..., None]]] = {
    "confirm": grants.confirm_grant,
    "revoke": grants.revoke_grant,
}


@blueprint.get(HERE)
def show_accounts() -> str:
    """What the offices of whoever asks are for."""
    before = whole_number("before", least=1, most=2**62)
    with asking(needs_rows=False) as conn:
        offices = grants.my_offices(conn)
        if not offices:
            raise Forbidden("account.not_your_office")
        known = {} if offices == ["audit_admin"] else {"accounts": accounts.listed_accounts(conn)}
        given = sorted(grants.listed_grants(conn), key=lambda one: one.state != "pending")
        events = (
            grants.listed_events(conn, before=before, most=_LOG_PAGE)
            if "audit_admin" in offices
            else []
        )
    return render_template(
        "accounts.html",
        messages=dict(script_messages(language())),
        offices=offices,
        accounts=known.get("accounts", []),
        grants=given,
        events=events,
        said=_said,
        is_log_full=len(events) == _LOG_PAGE,
        backup_warning=_backup_warning() if "system_admin" in offices else None,
        roles=[*grants.ROLES, *grants.OFFICES],
        domains=DOMAIN_TITLES,
        state_of=accounts.state_of,
        has_provider=kept_settings().oidc_issuer is not None,
        linked_value=partial(value_of, kept_settings()),
    )


def _backup_warning() -> str | None:
    """What system administrators must know of the nightly backup; null where all is well."""
    night = last_night(kept_settings())
    if night is None or (night.is_good and not night.is_late(datetime.now(UTC))):
        return None
    return say("accounts.backup_bad", since=(night.good_at or "–")[:16].replace("T", " "))


@blueprint.post(HERE)
def add_account() -> Response:
    """A new account; the answer says its first password, once."""
    body = json_object()
    with asking(needs_rows=False) as conn:
        name, password = accounts.add_account(
            conn, _text(body, "name"), _text(body, "title"), address=client_address()
        )
    return _handed_over(name, password)


@blueprint.post(f"{HERE}/password")
def reset_password() -> Response:
    """Another first password for an account."""
    name = _text(json_object(), "name")
    with asking(needs_rows=False) as conn:
        password = accounts.reset_password(conn, name, address=client_address())
    return _handed_over(name, password)


@blueprint.post(f"{HERE}/code")
def drop_code() -> Response:
    """Let an account sign in without one-time codes."""
    name = _text(json_object(), "name")
    with asking(needs_rows=False) as conn:
        accounts.drop_code(conn, name, address=client_address())
    return _again()


@blueprint.post(f"{HERE}/link")
def link_account() -> Response:
    """Let somebody sign in to an account at the provider, or nobody any more."""
    body = json_object()
    with asking(needs_rows=False) as conn:
        accounts.link_account(
            conn,
            _text(body, "name"),
            link_to(kept_settings(), _text(body, "subject")),
            address=client_address(),
        )
    return _again()


@blueprint.post(f"{HERE}/active")
def set_active() -> Response:
    """Shut an account or open it again."""
    body = json_object()
    with asking(needs_rows=False) as conn:
        accounts.set_active(
            conn,
            _text(body, "name"),
            is_active=_text(body, "is_active") == "yes",
            address=client_address(),
        )
    return _again()


@blueprint.post(f"{HERE}/grants")
def make_grant() -> Response:
    """Give an account a role; what reaches far waits for a second person."""
    body = json_object()
    ceiling = _text(body, "max_security_class") or "0"
    if not ceiling.isdecimal() or len(ceiling) > 1:
        raise InputError("grant.bad_class")
    wanted = grants.Wanted(
        account=_text(body, "account"),
        role=_text(body, "role"),
        body=_text(body, "body") or None,
        area=_text(body, "area") or None,
        max_security_class=int(ceiling),
        domain=_text(body, "domain") or None,
        valid_from=stated_day(body.get("valid_from")),
        valid_to=stated_day(body.get("valid_to")),
        reason=_text(body, "reason") or None,
    )
    with asking(needs_rows=False) as conn:
        grants.make_grant(conn, wanted, address=client_address())
    return _again()


@blueprint.post(f"{HERE}/grants/<int:grant_id>/<any(confirm,revoke):step>")
def settle_grant(grant_id: int, step: str) -> Response:
    """Confirm a grant as the second person, or take one back."""
    with asking(needs_rows=False) as conn:
        _settle(conn, grant_id, step)
    return _again()


def _settle(conn: Connection, grant_id: int, step: str) -> None:
    _STEPS[step](conn, grant_id, address=client_address())


def _said(details: Mapping[str, Any]) -> list[str]:
    """What else the log knows of an event, in words."""
    said = []
    for name, value in details.items():
        match name:
            case "by":
                said.append(say(f"event.by.{value}"))
            case "role":
                said.append(say(f"role.{value}"))
            case "domain":
                said.append(say(DOMAIN_TITLES[value]) if value in DOMAIN_TITLES else str(value))
            case "writes":
                said.append(say("token.writes" if value else "token.reads"))
            case "grant" | "token":
                said.append(say(f"event.{name}", number=value))
            case _:
                said.append(str(value))
    return said


def _handed_over(name: str, password: str) -> Response:
    response = jsonify({"said": say("accounts.first_password", name=name, password=password)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _again() -> Response:
    return jsonify({"location": HERE})


def _text(body: Any, name: str) -> str:
    stated = body.get(name)
    if stated is None:
        return ""
    if not isinstance(stated, str):
        raise InputError("asked.not_text", name=name)
    return stated.replace("\0", "").strip()
