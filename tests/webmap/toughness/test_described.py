"""Whatever the interface is asked, by whomever, it answers as `/openapi.json` says.

Requests are invented from the description by Schemathesis. `--examples N` asks more of each.
"""

import re
from typing import Any, Final

import pytest
import schemathesis
from everybody import Everybody
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from webmap.views.openapi import PATHS

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS: Final = [(path, method) for path, methods in PATHS.items() for method in methods]
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

NOT_DESCRIBED: Final = {
    "GET /": "the map, a page",
    "GET /sign-in": "a page",
    "GET /sign-in/code": "a page",
    "GET /sign-in/provider": "leads to the site's own provider",
    "GET /sign-in/provider/return": "leads back from it",
    "GET /account": "a page",
    "GET /accounts": "a page",
    "GET /imports": "a page",
    "GET /imports/rules": "a page",
    "GET /plans/new": "a page",
    "GET /plans/{upload_id}": "a page",
    "GET /todo": "a page",
    "GET /figures": "a page",
    "GET /space": "a page",
    "GET /space/bodies/{organization_id}": "a page",
    "GET /space/bodies/{organization_id}/rooms": "a page",
    "GET /space/rooms": "a page",
    "GET /space/posts": "a page",
    "GET /space/sums": "a page",
    "GET /space/frozen": "a page",
    "GET /space/frozen/{day}": "a page",
    "GET /space/frozen/{day}/{file}.xlsx": "a file for people",
    "GET /redeployment": "a page",
    "GET /redeployment/plans": "a page",
    "GET /redeployment/plans/compare": "a page",
    "GET /redeployment/plans/{plan_id}": "a page",
    "GET /requests": "a page",
    "GET /requests/new": "a page",
    "GET /requests/{request_id}": "a page",
    "GET /requests/{request_id}/edit": "a page",
    "GET /requests/returns": "a page",
    "GET /space/buildings/{place_id}": "a page",
    "GET /reports": "a page",
    "GET /space/standards": "a page",
    "GET /space/standards/one": "a page",
    "GET /space/standards/own/{standard_id}": "a page",
    "GET /certificates": "a page",
    "GET /titles": "a page",
    "GET /titles/records/{ownership_record_id}": "a page",
    "GET /archive": "a page",
    "GET /archive/{place_id}": "a page",
    "GET /certificates/new": "a page",
    "GET /certificates/{certificate_id}": "a page",
    "GET /certificates/{certificate_id}/change": "a page",
    "GET /certificates/code/{code}": "leads to the page of the paper that bears the code",
    "GET /inspections": "a page",
    "GET /inspections/new": "a page",
    "GET /inspections/{inspection_id}": "a page",
    "GET /inspections/visits/{visit_id}": "a page",
    "GET /rectifications/new": "a page",
    "GET /rectifications/{rectification_id}": "a page",
    "GET /campaigns": "a page",
    "GET /campaigns/new": "a page",
    "GET /campaigns/{campaign_id}": "a page",
    "GET /campaigns/{campaign_id}/report": "a page",
    "GET /campaigns/filings/{filing_id}": "a page",
    "GET /enter": "the address to sign in with once, which leads to the map",
    "GET /static/{version}/{name}": "scripts, styles and fonts of pages",
}
"""Addresses that programs have no use for, each with what it is instead."""


def test_every_address_is_described_or_told_why_not(all_of_them: Everybody) -> None:
    served = {
        f"{method} " + re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in all_of_them.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {f"{method.upper()} {path}" for path, method in OPERATIONS}
    assert served - described == NOT_DESCRIBED.keys()
    assert described - served == set()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_any_request_gets_an_answer_that_was_described(
    all_of_them: Everybody, path: str, method: str, request: pytest.FixtureRequest
) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", all_of_them.app)
    operation = schema[path][method.upper()]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )
    which = st.sampled_from(sorted(all_of_them.callers))

    @seed(20261123)
    @settings(
        max_examples=request.config.getoption("--examples"),
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, is_known=st.booleans(), caller=which)
    def ask(case: Any, is_known: bool, caller: str) -> None:
        if is_known:
            known = {name: all_of_them.numbers.get(name, 1) for name in case.path_parameters or {}}
            case.path_parameters = known
        own = {"Accept-Encoding": "identity", **all_of_them.callers[caller]}
        answer = case.call(headers={**(case.headers or {}), **own})
        case.validate_response(answer, checks=CHECKS)

    ask()
