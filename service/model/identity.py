"""Identities of what users own. Names may change and repeat from workspace to workspace; ids do neither."""

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
RuleId = NewType("RuleId", str)
ChannelId = NewType("ChannelId", str)
PersonId = NewType("PersonId", str)
InvitationId = NewType("InvitationId", str)
TokenId = NewType("TokenId", str)
SilenceId = NewType("SilenceId", str)

Revision = NewType("Revision", int)
"""A state of everything that users own: each change gets the next one."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter looks like a digit
_TO_INT = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # the digits that int() takes for base 32
_BITS = 128
_DIGITS = 26  # of 5 bits each


class Prefix(StrEnum):
    """What an id is of; it stands before the id, so that a person can tell."""

    WORKSPACE = "ws"
    RULE = "rule"
    WATCHLIST = "list"
    CHANNEL = "chan"
    PERSON = "pers"
    INVITATION = "inv"
    SILENCE = "sil"
    TOKEN = "tok"  # noqa: S105  (of its id, which is no secret)


_PREFIXES: frozenset[str] = frozenset(Prefix)


def new_id(prefix: Prefix, at: datetime) -> str:
    """An id that nothing has, such as ``rule_01k…``; later ones sort behind it (48 bits of time, 80 of chance)."""
    return written(prefix, (int(at.timestamp() * 1000) << 80) | secrets.randbits(80))


def derived_id(prefix: Prefix, *names: str) -> str:
    """The same *names* give the same id, on every machine: a file that is applied again makes nothing a second time."""
    digest = hashlib.sha256("\0".join((prefix, *names)).encode()).digest()
    return written(prefix, int.from_bytes(digest[: _BITS // 8], "big"))


def written(prefix: Prefix, number: int) -> str:
    """The id of what *prefix* names, whose 128 bits are *number*."""
    digits = (_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{''.join(digits)}"


def number_of(text: str) -> tuple[Prefix, int] | None:
    """What *text* was ``written`` of; None: it is no such id."""
    name, _, digits = text.partition("_")
    if name not in _PREFIXES or len(digits) != _DIGITS or digits.strip(_ALPHABET):
        return None
    number = int(digits.translate(_TO_INT), 32)
    return None if number >> _BITS else (Prefix(name), number)


DEFAULT = WorkspaceId(derived_id(Prefix.WORKSPACE, "default"))
"""The workspace that is there from the start, so that a single user never meets the word."""
