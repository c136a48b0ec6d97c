"""What a process loads: its own roles, and nothing of the others."""

import json
import subprocess
import sys

import pytest

_LOADED = """
import json, sys
import service.runtime.lifecycle
from importlib import import_module
import_module("service.runtime.roles." + sys.argv[1])
print(json.dumps(sorted(sys.modules)))
"""
_COMMAND = """
import atexit, json, sys
atexit.register(lambda: print(json.dumps(sorted(sys.modules))))
sys.argv = ["filingbell", "schema", "notice"]
from service.cli.app import main
main()
"""
_OF_WEB = {"service.web.app", "service.control.people", "jinja2", "argon2"}
_OF_OTHERS = {
    "feedparser",
    "service.edgar.client",
    "lxml",
    "consumers.parser.step",
    "consumers.dispatcher.sender",
    "aiokafka",
}


def loaded(role: str) -> set[str]:
    """The modules of a process with *role*."""
    done = subprocess.run([sys.executable, "-c", _LOADED, role], capture_output=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("role", ["poller", "parser", "matcher", "dispatcher", "relay"])
def test_a_role_loads_nothing_of_web(role: str) -> None:
    """So that it costs nothing where it is not run."""
    assert not _OF_WEB & loaded(role)


def test_web_loads_nothing_of_others() -> None:
    """Nor the libraries that only they use; its own pages wait for the address that they are served at."""
    modules = loaded("web")
    assert not _OF_OTHERS & modules
    assert "service.web.app" not in modules


def test_a_command_that_draws_nothing_loads_nothing_that_draws() -> None:
    """Structlog would load rich, for tracebacks: 4 MB, and a tenth of a short command's time."""
    done = subprocess.run([sys.executable, "-c", _COMMAND], capture_output=True, check=True)
    modules = set(json.loads(done.stdout.splitlines()[-1]))
    assert "structlog" in modules
    assert "rich" not in modules
