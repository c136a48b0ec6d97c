"""``preview``: what a channel would be sent for a filing, and nothing is."""

import asyncio
import json
from pathlib import Path

from tests.cli.test_channels_command import called
from tests.kit.places import ROOT
from tests.kit.receiver import SECRET, Receiver

GRANT = str(ROOT / "service/lookalike/samples/0009990001-13-000001.txt")
CONFIG = f"""\
channels:
  desk: {{type: slack, url: "URL/services/CANARY"}}
  hook: {{type: webhook, url: "URL/webhook", secrets: "{SECRET}"}}
rules:
  large: {{kinds: option-grant, shares: ">= 100k", channels: [desk, hook]}}
  sells: {{kinds: sale, channels: [desk]}}
"""


async def test_a_message_is_shown_as_people_see_it_and_as_it_is_sent(tmp_path: Path) -> None:
    """By the rule that the filing meets; the receiver gets nothing, and no secret is shown."""
    async with Receiver() as receiver:
        (tmp_path / "filingbell.yaml").write_text(CONFIG.replace("URL", receiver.url))
        applied, _, _ = await called(tmp_path, "apply")
        seen, raw, as_json, sale = await asyncio.gather(
            called(tmp_path, "preview", "desk", "--filing", GRANT),
            called(tmp_path, "preview", "hook", "--filing", GRANT, "--raw"),
            called(tmp_path, "preview", "desk", "--filing", GRANT, "--json"),
            called(tmp_path, "preview", "nobody", "--filing", GRANT),
        )

    assert 0 == applied
    assert [] == receiver.received
    assert seen[1].startswith("desk (slack), by rule large; ")
    assert "SONUS NETWORKS INC [SONS]: Scarfo Anthony" in seen[1]
    assert "\nWhy\nRule large\n" in seen[1]
    assert (
        "https://www.sec.gov/Archives/edgar/data/9900001/000999000113000001/0009990001-13-000001-index.htm" in seen[1]
    )
    assert "sells" not in seen[1]
    assert '"headline": "SONUS NETWORKS INC' in raw[1]
    assert ["large"] == [one["rule"] for one in json.loads(as_json[1])]
    for code, out, err in (seen, raw, as_json):
        assert (0, "") == (code, err)
        assert "CANARY" not in out
        assert SECRET not in out
    assert 2 == sale[0]
    assert "there is no channel 'nobody'" in sale[2]


async def test_a_filing_that_meets_no_rule_is_shown_all_the_same(tmp_path: Path) -> None:
    """As if one asked for everything, and it says so."""
    config = CONFIG.replace("URL", "http://127.0.0.1:9").replace("100k", "900k")
    (tmp_path / "filingbell.yaml").write_text(config)
    await called(tmp_path, "apply")
    code, out, _ = await called(tmp_path, "preview", "desk", "--filing", GRANT)

    assert 0 == code
    assert "as if a rule asked for everything" in out
    assert "Nothing is sent for it." in out
