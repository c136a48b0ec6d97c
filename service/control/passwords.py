"""Passwords: how long they are, and how they are digested."""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_SHORTEST = 12  # characters
_LONGEST = 1000
_BYTES = 32
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


@cache
def _hasher() -> PasswordHasher:
    """As OWASP asks for argon2id: 19 MiB, two rounds."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _threads() -> ThreadPoolExecutor:
    """Where passwords are digested: it takes some 30 ms, for which nobody else shall wait."""
    return ThreadPoolExecutor(_AT_ONCE, "passwords")
