"""``init``: a first configuration file."""

from pathlib import Path

from service.model.errors import ConfigError

_FIRST = Path(__file__).with_name("first.yaml")


def init(file: Path) -> None:
    """Write *file*, and say what comes next; raises ConfigError where it is there already, or cannot be written."""
    try:
        with file.open("xb") as written:
            written.write(_FIRST.read_bytes())
    except FileExistsError:
        raise ConfigError(
            f"{file} is there already, and nothing was changed; name another file: filingbell init FILE"
        ) from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from None
    named = "" if file == Path("filingbell.yaml") else f" --config {file}"
    print(
        f"""{file} is written: one Slack channel, one watchlist, two rules. Edit it, then:

  export SLACK_WEBHOOK_URL=https://hooks.slack.com/services/...   # Slack: Apps, Incoming Webhooks
  export FILINGBELL_SEC_CONTACT="Your Name you@example.com"       # whom the SEC can write to
  filingbell check{named}   # whether it can be used, and what it asks, in words
  filingbell channels test desk --config {file}   # send a sample to Slack
  filingbell run{named}   # start"""
    )
