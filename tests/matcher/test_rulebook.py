"""The rulebook follows what users change, and is what it would be if it were made anew."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consumers.matcher.rulebook import Rulebook, rulebook
from service.control import resources
from service.model.errors import Rejected
from service.model.filing import Cik
from service.model.identity import DEFAULT
from service.model.ownership import Issuer
from service.model.resource import Actor, ResourceKind
from service.store import Database
from service.store import resources as stored
from service.vault import Vault, open_vault
from tests.kit.documents import a_row, a_subject, an_option
from tests.matcher.pairs import TICKERS

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
RULE, WATCHLIST, CHANNEL = ResourceKind.RULE, ResourceKind.WATCHLIST, ResourceKind.CHANNEL
HOOK = {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/hook"}


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key of its own."""
    return open_vault(tmp_path / "home", None)


class User:
    """Somebody who changes things by chance; most of what they try is possible."""

    def __init__(self, database: Database, vault: Vault, seed: int) -> None:
        self._database = database
        self._vault = vault
        self._chance = random.Random(seed)
        self._actor = Actor(name="cli:anna", workspace=DEFAULT)

    async def change(self) -> bool:
        """Make one change; False: it was refused."""
        chance = self._chance
        kind = chance.choice([RULE, RULE, RULE, WATCHLIST, WATCHLIST, CHANNEL])
        name = f"{kind}{chance.randrange(4)}"
        here = (self._database, self._vault, self._actor, kind, name)
        try:
            match chance.choice(["add", "add", "edit", "edit", "switch", "remove"]):
                case "add":
                    await resources.add(*here, self._content(kind), NOW)
                case "edit":
                    await resources.edit(*here, NOW, content=self._content(kind))
                case "switch":
                    on = chance.choice([True, False])
                    await resources.switch(self._database, self._actor, kind, name, NOW, enabled=on)
                case "remove":
                    await resources.remove(self._database, self._actor, kind, name, NOW)
        except Rejected:
            return False
        return True

    def _content(self, kind: ResourceKind) -> dict[str, Any]:
        chance = self._chance
        if kind is CHANNEL:
            return HOOK
        if kind is WATCHLIST:
            return {"tickers": chance.sample(TICKERS, 2)}
        lists = {"watchlist": f"watchlist{chance.randrange(4)}"} if chance.random() < 0.7 else {}
        return {"kinds": chance.choice(["purchase", "sale"]), **lists, "channels": f"channel{chance.randrange(4)}"}


async def anew(database: Database) -> Rulebook:
    return rulebook(*await stored.every(database))


def met(book: Rulebook) -> list[list[tuple[str, int, list[str]]]]:
    """Which rules alert on some filings, at which revision, and by what they say they do."""
    subjects = [a_subject(a_row(code), an_option(), issuer=_issuer(one)) for code in "PS" for one in TICKERS]
    return [
        sorted((one.rule.id, one.rule.revision, one.claims) for one in book.rules.candidates(subject))
        for subject in subjects
    ]


def _issuer(symbol: str) -> Issuer:
    return Issuer(issuer_cik=Cik("0009900001"), issuer_name="A CORP", issuer_trading_symbol=symbol, symbols=(symbol,))


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_is_changed_is_taken_over_as_if_all_were_read(database: Database, vault: Vault, seed: int) -> None:
    """Rules, the watchlists that they name, and channels: added, edited, disabled, removed."""
    user, book, changes = User(database, vault, seed), await anew(database), 0
    while changes < 40:
        changes += await user.change()
        if changes % 3:  # several changes are taken over together
            continue
        since = await stored.since(database, book.revision)
        assert since is not None
        book = book.since(since)

        whole = await anew(database)
        assert whole.revision == book.revision
        assert len(whole.rules) == len(book.rules)
        assert met(whole) == met(book)


async def test_very_much_is_read_anew(database: Database, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one by one would take longer."""
    monkeypatch.setattr(stored, "_MOST", 3)
    user, changes = User(database, vault, 3), 0
    while changes < 12:
        changes += await user.change()

    assert await stored.since(database, (await anew(database)).revision) is not None
    assert await stored.since(database, Rulebook.of([]).revision) is None
