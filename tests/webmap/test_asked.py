"""What any request may hold, whatever page or program wrote it."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/api/loads/1/matches/1", {"choice": []}),
        ("/api/loads/1/matches", {"least": 10**400}),
        ("/api/unlocated/1", {"position": [10**400, 1]}),
        ("/campaigns", {"name": "a", "threshold_percent": []}),
        ("/campaigns", {"name": "a", "threshold_percent": {}}),
    ],
)
def test_a_body_of_another_shape_is_refused_with_a_sentence(
    client: FlaskClient, address: str, body: dict[str, Any]
) -> None:
    answer = client.post(address, json=body)
    assert 400 <= answer.status_code < 500
    assert answer.get_json()["title"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/search?q=%00%E5%B8%B8",
        "/api/unlocated?kind=%00site&area=%00320402",
        "/api/loads?state=%00",
        "/api/places?name=%00",
    ],
)
def test_a_null_character_in_an_address_is_as_if_it_were_not_there(
    client: FlaskClient, address: str
) -> None:
    with_null, without = client.get(address), client.get(address.replace("%00", ""))
    assert with_null.status_code == without.status_code < 500


def test_a_null_character_in_a_body_is_as_if_it_were_not_there(client: FlaskClient) -> None:
    draft = {"name": "\0", "as_of": "2026-09-30", "due_on": "2126-09-30"}
    answer = client.post(
        "/campaigns", data=json.dumps(draft), headers={"Content-Type": "application/json"}
    )
    assert answer.get_json()["type"] == "urn:onemap:problem:campaign.no_name"
