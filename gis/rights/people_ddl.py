"""Who may call the functions about accounts; the tables behind them are nobody's."""

from typing import Final

from gis.db import Role

_SIGNING_IN: Final = (
    "rights.redeem(text, bytea, integer, text)",
    "rights.password_salt(text, text, integer, integer, integer)",
    "rights.sign_in(text, bytea, bytea, text, integer, integer)",
    "rights.enter_by_provider(text, bytea, bytea, text, integer, integer)",
    "rights.must_change_password()",
    "rights.own_account()",
    "rights.own_wait_s()",
    "rights.change_password(bytea, bytea, integer, integer, integer, bytea, bytea, text)",
    "rights.note_presence()",
    "rights.my_sessions()",
    "rights.end_my_session(bigint, text)",
    "rights.sign_out(text)",
    "rights.waits_for_code()",
    "rights.sign_in_with_code(text, bytea, text, integer)",
    "rights.my_code()",
    "rights.begin_code(bytea, text)",
    "rights.confirm_code(text, bytea[], text)",
    "rights.drop_my_code(bytea, text, text)",
)
"""What whoever is in front of a browser may do for themselves."""


_ADMINISTERING: Final = (
    "rights.add_account(text, text, bytea, integer, integer, integer, bytea, text)",
    "rights.reset_password(text, bytea, integer, integer, integer, bytea, text)",
    "rights.set_account_active(text, boolean, text)",
    "rights.drop_code_of(text, text)",
    "rights.link_account(text, text, text)",
    "rights.listed_accounts()",
    "rights.may_watch()",
    "rights.my_offices()",
    "rights.make_grant(text, text, bigint, text, smallint, text, date, date, text, text)",
    "rights.confirm_grant(bigint, text)",
    "rights.revoke_grant(bigint, text)",
    "rights.listed_grants()",
    "rights.listed_events(bigint, integer)",
    "rights.make_api_token(text, text, bytea, integer, boolean, text)",
    "rights.api_tokens()",
    "rights.end_api_token(bigint, text)",
)
"""What asks for an office before it does anything."""


def people_ddl() -> list[str]:
    """Grants of these functions."""
    return [
        *(f"GRANT EXECUTE ON FUNCTION {name} TO {Role.WEB}" for name in _SIGNING_IN),
        *(
            f"GRANT EXECUTE ON FUNCTION {name} TO {Role.WEB}, {Role.OPERATOR}"
            for name in _ADMINISTERING
        ),
    ]
