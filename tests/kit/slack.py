"""What Slack takes: its limits, by its own library, and text that somebody made to be more than text."""

import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from slack_sdk.models.blocks import Block

from consumers.dispatcher.room import units
from service.model.notice import Notice, NoticeKind

HOSTILE = (
    "*bold* _it_ ~gone~ `code` :smile: <!channel> <@U1> <https://evil.example|here> & &amp;\n"
    "*Company* FORGED\u2028> quote\x85\u2022 item\r\n\x9b31m\u202egnp.exe\u2066\x1b]0;t\x07"
)


def a_notice(**fields: Any) -> Notice:
    told: dict[str, Any] = {
        "id": "1",
        "kind": NoticeKind.DIGEST,
        "subject": "s",
        "cleared": False,
        "headline": "h",
        "lines": ("l",),
        "at": datetime(2026, 11, 25, tzinfo=UTC),
    }
    return Notice(**(told | fields))


def texts(payload: dict[str, Any], kind: str) -> Iterator[str]:
    """Every text of the *kind* in the blocks."""
    for block in payload["blocks"]:
        for one in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())):
            if one and one["type"] == kind:
                yield one["text"]


def assert_taken(payload: dict[str, Any]) -> None:
    """That Slack takes the message."""
    assert units(json.dumps(payload, ensure_ascii=False, separators=(",", ":"))) <= 12_000
    assert len(payload["blocks"]) <= 50
    for block in payload["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        for field in block.get("fields", ()):
            assert 1 <= units(field["text"]) <= 2000
        assert 1 <= units(block.get("text", {}).get("text", "x")) <= (150 if block["type"] == "header" else 3000)


def assert_text(text: str) -> None:
    """That *text* has nothing in it that cannot be seen, but the line ends that are ours."""
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"}.intersection(unicodedata.category(one) for one in text if one != "\n")
