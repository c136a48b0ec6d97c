"""An authority of our own, and a server's certificate of it."""

import shutil
import subprocess
from pathlib import Path

import pytest

HOOKS = "hooks.example"
NAMES = f"subjectAltName=IP:127.0.0.1,DNS:{HOOKS}"


def make(folder: Path) -> tuple[Path, Path]:
    """A certificate for NAMES that vouches for itself, and its key; skips where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed, to make a certificate")
    certificate, key = folder / "server.crt", folder / "server.key"
    command = [
        "openssl",
        *["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests", "-addext"],
        NAMES,
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], capture_output=True, check=True)
    return certificate, key
