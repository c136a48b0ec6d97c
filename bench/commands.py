"""What a command costs that only looks: CPU, most of which is what it loads."""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

_TIMES = 9
_GOALS = {"check": 350, "status": 500}
_CALL = "import sys; from service.cli.app import main; sys.argv = ['filingbell', *sys.argv[1:]]; main()"


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path.cwd()
        environment = os.environ | {
            "FILINGBELL_HOME": folder,
            "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/x",
        }
        environment["PYTHONPATH"] = str(here)
        for command in ("init", "migrate"):
            _called(command, folder, environment)
        print(f"commands, CPU, median of {_TIMES}")
        for command, goal in _GOALS.items():
            took = sorted(_called(command, folder, environment) for _ in range(_TIMES))
            print(f"  {command:8} {took[_TIMES // 2]:4.0f} ms, at its quickest {took[0]:4.0f} (goal: {goal})")


def _called(command: str, folder: str, environment: dict[str, str]) -> float:
    """Milliseconds of CPU that *command* took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    call = [sys.executable, "-c", _CALL, command]  # whatever its exit status: `status` finds that nothing runs
    subprocess.run(call, check=False, cwd=folder, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


if __name__ == "__main__":
    main()
