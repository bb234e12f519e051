"""What pages send when a person presses a button, and the files they hand out."""

from typing import Any, Final

from webmap.views.openapi_parts import GONE, HTML, XLSX, operation, parameter

_FORM: Final = "application/x-www-form-urlencoded"
_TEXT: Final = {"type": "string"}
_DAY: Final = {"type": "string", "format": "date"}
_CAMPAIGN: Final = parameter("campaign_id", "path", "integer", "Our number of the campaign.")
_FILING: Final = parameter("filing_id", "path", "integer", "Our number of the filing.")
_VERSION: Final = {"type": "string", "description": "That its author saw"}
_WORDS: Final = {"type": "string", "description": "At most 2,000 characters"}
_PRINCIPAL: Final = {
    "type": "string",
    "description": "Number of the account whose deputy does it; without it: oneself",
}
_YES: Final = {"type": "string", "description": "yes, else no"}
_VERIFIED: Final = {"type": "string", "description": "on, else no"}
_BY_ROW: Final = {"type": "object", "description": "By row, then by field"}

_ACCOUNT_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/sign-in": {
        "post": operation(
            "Sign in with a name and a password",
            body={"name": _TEXT, "password": _TEXT, "next": _TEXT},
            body_media=_FORM,
            answers={"303": HTML, "401": HTML, "429": HTML},
        )
    },
    "/sign-in/code": {
        "post": operation(
            "Go on signing in with a one-time code",
            body={"code": _TEXT, "next": _TEXT},
            body_media=_FORM,
            answers={"303": HTML, "401": HTML, "429": HTML},
        )
    },
    "/sign-out": {"post": operation("End the session", answers={"303": HTML})},
    "/language": {
        "post": operation(
            "Keep the language of pages",
            body={"language": _TEXT},
            body_media=_FORM,
            answers=GONE,
        )
    },
    "/account/password": {
        "post": operation(
            "Choose another password",
            body={"known": _TEXT, "chosen": _TEXT, "again": _TEXT, "next": _TEXT},
        )
    },
    "/account/code/begin": {
        "post": operation("Make a secret for one-time codes, which waits", body={"known": _TEXT})
    },
    "/account/code/confirm": {
        "post": operation(
            "Ask for one-time codes from now on; those for paper are said once",
            body={"code": _TEXT},
        )
    },
    "/account/code/drop": {
        "post": operation("Ask for them no more", body={"known": _TEXT, "code": _TEXT})
    },
    "/account/sessions/{session_id}/end": {
        "post": operation(
            "Sign another browser out",
            parameter("session_id", "path", "integer", "Our number of the session."),
        )
    },
    "/account/tokens": {
        "post": operation(
            "Make a token for a program; it is said once",
            body={"title": _TEXT, "days": _TEXT, "can_write": _YES},
        )
    },
    "/account/tokens/{token_id}/end": {
        "post": operation(
            "End a token", parameter("token_id", "path", "integer", "Our number of the token.")
        )
    },
    "/accounts": {"post": operation("Make an account", body={"name": _TEXT, "title": _TEXT})},
    "/accounts/password": {
        "post": operation("Another first password for an account", body={"name": _TEXT})
    },
    "/accounts/code": {
        "post": operation("Let an account sign in without one-time codes", body={"name": _TEXT})
    },
    "/accounts/active": {
        "post": operation("Shut an account or open it", body={"name": _TEXT, "is_active": _YES})
    },
    "/accounts/link": {
        "post": operation(
            "Link an account with somebody known to the provider",
            body={"name": _TEXT, "subject": _TEXT},
        )
    },
    "/accounts/grants": {
        "post": operation(
            "Give an account a role",
            body={
                "account": _TEXT,
                "role": _TEXT,
                "body": {"type": "string", "description": "Code or name; blank: all"},
                "area": {"type": "string", "description": "Code; blank: all"},
                "max_security_class": _TEXT,
                "valid_from": _DAY,
                "valid_to": _DAY,
                "reason": _TEXT,
            },
        )
    },
    "/accounts/grants/{grant_id}/{step}": {
        "post": operation(
            "Confirm a grant as the second person, or take one back",
            parameter("grant_id", "path", "integer", "Our number of the grant."),
            parameter("step", "path", "string", "confirm or revoke."),
        )
    },
}
_RULE_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/imports/rules/protected": {
        "post": operation(
            "Let no load overwrite a value of a place",
            body={"code": _TEXT, "field": _TEXT, "reason": _TEXT},
        )
    },
    "/imports/rules/protected/end": {
        "post": operation("Let loads overwrite it again", body={"code": _TEXT, "field": _TEXT})
    },
    "/imports/rules/columns": {
        "post": operation(
            "Who wins in a column from a day on",
            body={
                "field": _TEXT,
                "winner": _TEXT,
                "source": _TEXT,
                "since": _DAY,
                "rule_source": _TEXT,
                "is_verified": _VERIFIED,
            },
        )
    },
    "/imports/rules/columns/end": {
        "post": operation(
            "Let a column go by the habit of its kind of sheet",
            body={"field": _TEXT, "source": _TEXT, "since": _DAY},
        )
    },
}
_CAMPAIGN_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/campaigns": {
        "post": operation(
            "Issue a campaign",
            body={
                "name": _TEXT,
                "as_of": _DAY,
                "due_on": _DAY,
                "organization_ids": {"type": "array", "items": _TEXT},
                "type_codes": {"type": "array", "items": _TEXT},
                "level_codes": {"type": "array", "items": _TEXT},
                "admin_area_codes": {"type": "array", "items": _TEXT},
                "late_policy": _TEXT,
                "unexplained_policy": _TEXT,
                "threshold_percent": _TEXT,
                "reminder_days": {"type": "string", "description": "Numbers, commas between"},
                "instructions": _WORDS,
            },
        )
    },
    "/campaigns/due-date": {
        "post": operation(
            "Until when the survey is filed each year",
            body={
                "month": _TEXT,
                "day": _TEXT,
                "since": _DAY,
                "rule_source": _TEXT,
                "is_verified": _VERIFIED,
            },
        )
    },
    "/campaigns/notices/read": {"post": operation("Take all notices as read")},
    "/campaigns/{campaign_id}/remind": {
        "post": operation("Remind who has not handed in", _CAMPAIGN, body={"words": _WORDS})
    },
    "/campaigns/{campaign_id}/successions": {
        "post": operation("Pass filings on to who took over", _CAMPAIGN)
    },
    "/campaigns/{campaign_id}/close": {
        "post": operation(
            "Close a campaign and freeze its report",
            _CAMPAIGN,
            body={"version": _VERSION, "remark": _WORDS},
        )
    },
    **{
        f"/campaigns/{{campaign_id}}/{name}.xlsx": {
            "get": operation(f"{summary} as a workbook", _CAMPAIGN, media=XLSX)
        }
        for name, summary in (
            ("board", "The progress"),
            ("changes", "What changed since the report"),
            ("report", "The frozen report"),
        )
    },
}
_FILING_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/campaigns/filings/{filing_id}/save": {
        "post": operation(
            "Keep what was changed in the form",
            _FILING,
            body={
                "version": _VERSION,
                "cells": _BY_ROW,
                "removed": {"type": "object", "description": "By row"},
                "people": {"type": "object", "description": "By rank"},
                "explanations": _BY_ROW,
            },
        )
    },
    "/campaigns/filings/{filing_id}/step": {
        "post": operation(
            "Hand in, take back, return, approve, reopen",
            _FILING,
            body={
                "step": _TEXT,
                "version": _VERSION,
                "remark": _WORDS,
                "on_behalf_of": _PRINCIPAL,
            },
        )
    },
    "/campaigns/filings/{filing_id}/extend": {
        "post": operation(
            "Give an agency more time",
            _FILING,
            body={
                "due_on": _DAY,
                "version": _VERSION,
                "remark": _WORDS,
                "on_behalf_of": _PRINCIPAL,
            },
        )
    },
    "/campaigns/filings/{filing_id}/given-up": {
        "post": operation(
            "End what an agency has of a property, or leave it there",
            _FILING,
            body={
                "row": _TEXT,
                "ruling": {"type": "string", "description": "ended or kept"},
                "ended_on": _DAY,
                "reason": _TEXT,
                "version": _VERSION,
                "on_behalf_of": _PRINCIPAL,
            },
        )
    },
    "/campaigns/filings/{filing_id}/workbook": {
        "get": operation("The prefilled workbook", _FILING, media=XLSX),
        "post": operation(
            "File by workbook",
            _FILING,
            body={"file": {"type": "string", "format": "binary"}, "overwrite": _TEXT},
            body_media="multipart/form-data",
        ),
    },
    "/campaigns/filings/{filing_id}/remarks": {
        "post": operation(
            "Say something of a cell", _FILING, body={"row": _TEXT, "field": _TEXT, "words": _WORDS}
        )
    },
    "/campaigns/filings/{filing_id}/remarks/{remark_id}": {
        "post": operation(
            "Answer a remark, or settle it",
            _FILING,
            parameter("remark_id", "path", "integer", "Our number of the remark."),
            body={"answer": _TEXT},
        )
    },
}
_TODO_PATHS: Final[dict[str, dict[str, Any]]] = {
    "/todo/notices/read": {"post": operation("Take all notices as read")},
    "/todo/deputies": {
        "post": operation(
            "Name a deputy",
            body={
                "deputy": _TEXT,
                "first_day": _DAY,
                "last_day": _DAY,
                "workflows": {"type": "array", "items": _TEXT},
                "remark": _WORDS,
            },
        )
    },
    "/todo/deputies/{deputyship_id}/end": {
        "post": operation(
            "End a deputyship",
            parameter("deputyship_id", "path", "integer", "Our number of the deputyship."),
        )
    },
}
PAGE_PATHS: Final[dict[str, dict[str, Any]]] = {
    **_ACCOUNT_PATHS,
    **_RULE_PATHS,
    **_CAMPAIGN_PATHS,
    **_FILING_PATHS,
    **_TODO_PATHS,
    "/basemap/{name}/{z}/{x}/{y}": {
        "get": operation(
            "An image of a base map",
            parameter("name", "path", "string", "Name of the base map."),
            parameter("z", "path", "integer", "Zoom."),
            parameter("x", "path", "integer", "Column."),
            parameter("y", "path", "integer", "Row."),
            media="image/*",
        )
    },
}
