"""Sentences made of phrases, in either language, and kept as JSON in between."""

import json

from gis.errors import Conflict, InputError, Phrase, packed, unpacked
from gis.i18n import explain

CHANGE = Phrase(
    "load.change",
    {"subject": "D1", "thing": Phrase("kept.place_place"), "at": "2026-01-01 08:00",
     "by": Phrase("load.change.by", {"who": "甲"}), "through": None},
)  # fmt: skip
ERROR = Conflict(
    "load.changed_by_hand", load_id=3, count=2, changes=(CHANGE, Phrase("kept.place_room"))
)


def test_a_phrase_within_a_sentence_is_said_in_the_language_of_the_sentence() -> None:
    assert "D1 的基本情况（2026-01-01 08:00，甲）；房间情况" in explain("zh", ERROR)
    assert "basic data of D1 (2026-01-01 08:00, 甲); room data" in explain("en", ERROR)


def test_a_message_kept_as_json_says_the_same_later() -> None:
    kept = json.loads(json.dumps({name: packed(value) for name, value in ERROR.params.items()}))
    again = Conflict(ERROR.key, **{name: unpacked(value) for name, value in kept.items()})
    assert explain("zh", again) == explain("zh", ERROR)


def test_a_message_may_name_a_language() -> None:
    said = explain("en", InputError("web.unknown_language", language="klingon"))
    assert "klingon" in said
