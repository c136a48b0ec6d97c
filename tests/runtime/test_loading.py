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
