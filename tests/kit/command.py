"""The command, as its users call it in a folder with a configuration."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from service.model.calendar import EASTERN
from tests.kit.filings import now
from tests.kit.forked import called
from tests.kit.process import COMMAND
from tests.kit.receiver import SECRET

CONFIG = f"""\
channels:
  desk: {{type: webhook, url: "URL/webhook", secrets: "{SECRET}"}}
rules:
  grant: {{kinds: option-grant, exercise_value: ">= $500k", channels: desk}}
  purchase: {{kinds: purchase, channels: desk}}
"""


def today() -> str:
    """In New York."""
    return now().astimezone(EASTERN).date().isoformat()


def configured(folder: Path) -> Path:
    """*folder*, with a configuration in it."""
    (folder / "filingbell.yaml").write_text(CONFIG.replace("URL", "http://127.0.0.1:9"))
    return folder


def run(
    home: Path, *arguments: str, stdin: bytes = b"", through: Sequence[str] = (), **settings: str
) -> subprocess.CompletedProcess[str]:
    """Call the command in *home*, *through* another if need be, with nothing of this machine's settings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FILINGBELL_")}
    environment = clean | {"FILINGBELL_HOME": str(home / "state")} | settings
    if not through:
        return called(*arguments, environment=environment, folder=home, given=stdin)
    done = subprocess.run(
        [*through, COMMAND, *arguments],
        capture_output=True,
        input=stdin,
        cwd=home,
        env=environment,
        timeout=240,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())
