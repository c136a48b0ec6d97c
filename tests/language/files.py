"""Configuration files that are right, and what is told of one that is not."""

import pytest

from consumers import configuration as configfile
from service.model.errors import ConfigError
from tests.kit.receiver import SECRET

GOOD = """\
channels:
  desk: {type: slack, url: "https://hooks.slack.com/services/T/B/XSECRETX"}
  hook:
    type: webhook
    url: https://example.com/hook
    secrets: ["${HOOK_SECRET}"]
watchlists:
  ours: {tickers: [AAPL]}
rules:
  large-option-grant:
    kinds: option-grant
    shares: ">= 100k"
    exercise_value: ">= $500k"
    watchlist: ours
    per: filing
    channels: [desk, hook]
"""
ENVIRONMENT = {"HOOK_SECRET": SECRET}
SLACK = "https://hooks.slack.com/services/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"
WITH_SECRETS = f"""\
channels:
  desk: {{type: slack, url: "{SLACK}"}}
  hook:
    type: webhook
    url: {SLACK}
    secrets:
      - {SECRET}
      - "${{HOOK_SECRET}}"
rules:
  buy: {{kinds: purchase, shares: ">= 100k", channels: [desk, hook]}}
"""


def faults(text: str, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        configfile.parse(text, "x.yaml", ENVIRONMENT if environment is None else environment)
    return str(caught.value)


def shows_a_secret(told: str) -> bool:
    return "TOPSECRET" in told or SECRET.removeprefix("whsec_")[:20] in told
