"""Pages of what insiders did over years: a generated market, brought as `history import` brings the SEC's sets."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from service.control import tokens
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import Actor
from service.store.database import open_database
from tests.kit.filings import now
from tests.kit.forked import called
from tests.kit.market import market
from tests.kit.quarters import Quarter
from tests.web.browser import a_person
from tests.web.desk import Web, served

_FILINGS, _YEARS = 900, 3
_CHANNEL = {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/secret"}
_RULE = {"kinds": "purchase", "roles": ["director", "officer"], "value": ">= $50k", "per": "filing", "channels": "desk"}
_NAME = "insiders-buy"
_SILENCES: tuple[tuple[int, dict[str, list[str]], str], ...] = (
    (2, {"tickers": ["AAPL"]}, "earnings on Thursday"),
    (14, {"tickers": ["MSFT", "NVDA"], "kinds": ["gift"]}, "gifts, at the end of the year"),
    (1, {"rules": [_NAME]}, "muted while the amount is tuned"),
)


class Past(Struct, frozen=True, kw_only=True):
    """A service that knows it, in which the person `anna` can sign in."""

    url: str
    company: str  # the paths of pages
    insider: str
    backtest: str
    silences: str = "/silences"


@asynccontextmanager
async def a_past(folder: Path) -> AsyncIterator[Past]:
    """It is made anew in *folder*, up to the last quarter that has ended."""
    this = now().date()
    quarters = [
        one
        for one in market(_FILINGS, first=this.year - _YEARS + 1, years=_YEARS)
        if one.name < f"{this.year}q{(this.month + 2) // 3}"
    ]
    (folder / "sets").mkdir()
    for one in quarters:
        one.zipped(folder / "sets" / f"{one.name}_form345.zip")
    environment = os.environ | {"FILINGBELL_HOME": str(folder / "home")}
    done = await asyncio.to_thread(called, "history", "import", str(folder / "sets"), environment=environment)
    assert 0 == done.returncode, done.stderr
    database = await open_database(f"sqlite:///{folder}/home/filingbell.db")
    async with served(database, folder / "home") as desk:
        await a_person(desk, "anna")
        rule = await _asked(desk)
        yield Past(
            url=desk.url,
            company=f"/companies/{_most(quarters, 'SUBMISSION', 'ISSUERCIK')}",
            insider=f"/insiders/{_most(quarters, 'REPORTINGOWNER', 'RPTOWNERCIK')}",
            backtest=f"/rules/{rule}/past",
        )
    await database.close()


async def _asked(desk: Web) -> str:
    """Have a rule, whose id is returned, and silences of two companies."""
    actor = Actor(name="cli:anna", workspace=DEFAULT)
    _, secret = await tokens.add(desk.context.database, actor, "portfolio-script", Role.ADMIN.scopes, now())
    token = secret or ""
    await _made(desk, token, "channels", name="desk", settings=_CHANNEL)
    rule: str = (await _made(desk, token, "rules", name=_NAME, settings=_RULE))["id"]
    for days, means, reason in _SILENCES:
        await _made(desk, token, "silences", reason=reason, ends=(now() + timedelta(days=days)).isoformat(), **means)
    return rule


async def _made(desk: Web, token: str, kind: str, **body: Any) -> Any:
    answer = await desk.ask("POST", f"/api/v1/{kind}", token, body)
    assert 201 == answer.status, answer.content
    return answer.content


def _most(quarters: Iterable[Quarter], table: str, column: str) -> str:
    """Whose number stands in a column most often."""
    ((most, _),) = Counter(row[column] for one in quarters for row in one.tables[table]).most_common(1)
    return most.zfill(10)
