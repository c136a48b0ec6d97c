"""Passwords: how long they are, and how they are digested."""

import asyncio
import ctypes
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_SHORTEST = 12  # characters
_LONGEST = 1000
_BYTES = 32
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h
_LARGE = 1024 * 1024  # bytes

_AT_ONCE = 2  # passwords: each takes 19 MiB


def fault_of_password(password: str) -> str | None:
    """What is wrong with *password* as a new one; None: nothing."""
    return None if _SHORTEST <= len(password) <= _LONGEST else f"a password has at least {_SHORTEST} characters"


async def digest(password: str) -> str:
    """As which *password* is kept."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _hasher().hash, password)


async def is_right(kept: str | None, password: str) -> bool:
    """Whether *kept* is a digest of *password*; None: nobody has that name, to say which takes as long."""

    def verified() -> bool:
        try:
            return _hasher().verify(kept or nobodys(), password[:_LONGEST])
        except VerificationError:
            return False

    return await asyncio.get_running_loop().run_in_executor(_threads(), verified)


@cache
def nobodys() -> str:
    """The digest of a password that nobody has."""
    return _hasher().hash(secrets.token_urlsafe(_BYTES))


def _give_back() -> None:
    """Let the memory of a digest go back to the system after it, where the C library is GNU's.

    That learns from the first large piece that is freed to keep such pieces from then on: 19 MiB for each thread.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


@cache
def _hasher() -> PasswordHasher:
    """As OWASP asks for argon2id: 19 MiB, two rounds."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _threads() -> ThreadPoolExecutor:
    """Where passwords are digested: it takes some 30 ms, for which nobody else shall wait."""
    _give_back()
    return ThreadPoolExecutor(_AT_ONCE, "passwords")
