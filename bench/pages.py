"""How long every page takes, and how large it is, in a database that has been used for long.

``python -m bench.pages [FILINGS] [ALERTS]`` asks for each page of the table, and for lists narrowed and far down; each
filing has as many alerts. CPU is that of serving and of asking.
"""

import argparse
import asyncio
import base64
import tempfile
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median

import msgspec

from bench.crowded import RULES, fill
from bench.filled import samples
from service import telemetry
from service.clock import now
from service.control import silences
from service.control.silences import SilenceDraft
from service.model.identity import DEFAULT
from service.model.parsed import ParsedFiling
from service.model.person import Role
from service.model.resource import Actor, ResourceKind
from service.store import alerts, history, resources, tape_search
from service.store.database import open_database
from service.store.tape_search import TapeQuery
from service.vault import open_vault
from service.web.pages import PAGES
from service.wire import decode
from service.words import counted
from tests.web.askers import signed_in, somebody
from tests.web.desk import Web, served

FILINGS, ALERTS_EACH = 200_000, 5
_TIMES = 40
_FEW = 10  # pages that one person asks for: more would be told to wait
_FAR, _LATER = timedelta(days=60), timedelta(days=1)
_LIMIT_MS, _LIMIT_BYTES = 100, 120_000
_BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
_ELSEWHERE = frozenset({"sign_in", "welcome", "visit", "status", "unsubscribe"})  # not for somebody who is signed in
_SILENCED = SilenceDraft(tickers=("SLNC",), reason="until their results are out")
_LISTS = (
    "/?company=X100",
    "/?company=foxglove",
    "/?owner=grace",
    "/?kind=gift",
    "/?kind=sale&worth=%241m",
    "/?worth=%2410m&rang=yes",
    "/?company=X100&kind=voting-trust",
    "/alerts?state=dead",
    "/deliveries?state=dead",
    "/deliveries?state=pending",
    "/rules?text=list",
)


async def main(filings: int, rung: int, folder: Path, times: int = _TIMES) -> None:
    """Print the figures."""
    database = await open_database(f"sqlite:///{folder}/pages.db")
    vault = open_vault(folder, None)
    began = time.monotonic()
    await fill(database, vault, filings, rung)
    made = f"{counted(filings, 'filing')} and {counted(rung, 'alert')} for {RULES:,} rules"
    print(f"pages, SQLite, {made}; {times} times each")
    print(f"  made in {time.monotonic() - began:.0f} s", flush=True)
    async with served(database, folder, status="public") as desk:
        paths = await _paths(desk)
        for start in range(0, len(paths), _FEW):
            headers, _ = await signed_in(desk, await somebody(desk, f"person {start}", None))
            for path in paths[start : start + _FEW]:
                await _ask(desk, path, headers, times)
    await database.close()


async def _paths(desk: Web) -> list[str]:
    """Every page of the table with something on it, and lists that are narrowed, and far down."""
    database = desk.context.database
    (line,) = await tape_search.page(database, TapeQuery(rang=DEFAULT), 1)
    at = now()
    past = samples()  # which the pages of companies and insiders show
    async with database.transaction() as tx:
        await history.add(tx, [decode(one.parsed.value, ParsedFiling) for one in past], at)
    silence = await silences.add(database, Actor(name="bench", workspace=DEFAULT), _SILENCED, at + _LATER, at)
    person = (await somebody(desk, "somebody", Role.EDITOR)).id
    places = {"accession": line.accession, "person": person, "account": person, "workspace": DEFAULT, "revision": "1"}
    places |= {"company": past[0].line.issuer, "insider": past[0].line.insiders[0].cik, "silence": silence.id}
    for kind in ResourceKind:
        places[kind] = (await resources.every(database, DEFAULT, kind))[1][0].id
    (rang,) = (await alerts.rung(database, DEFAULT, [line.accession])).values()
    places |= {"alert": rang[0].id, "message": rang[0].id, "filing": line.accession}
    shown = [one for one in PAGES if one.method == "GET" and one.name not in _ELSEWHERE]
    middle = (line.accepted - _FAR, line.accession)
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(middle)).decode()
    lists = [*_LISTS, f"/?cursor={cursor}", f"/alerts?cursor={cursor}"]
    return [*(one.path.format(**places) for one in shown), *lists, f"/why?filing={line.accession}"]


async def _ask(desk: Web, path: str, headers: dict[str, str], times: int) -> None:
    took, cpu, size, status = [], 0.0, 0, 0
    for _ in range(1 + times):
        started, used = time.perf_counter(), time.process_time()
        async with desk.session.get(f"{desk.url}{path}", headers=headers | _BROWSER) as answer:
            size, status = len(await answer.read()), answer.status
        took.append((time.perf_counter() - started) * 1000)
        cpu += (time.process_time() - used) * 1000 if len(took) > 1 else 0.0
    took = sorted(took[1:])  # at the first, its template is read
    late = took[-(times // 20) - 1]
    known = (
        (status != HTTPStatus.OK, f"answers {status}"),
        (late > _LIMIT_MS, "slow"),
        (size > _LIMIT_BYTES, "large"),
    )
    wrong = "".join(f"  {word}" for is_so, word in known if is_so)
    spent = f"p50 {median(took):6.1f} ms, p95 {late:6.1f} ms, CPU {cpu / times:5.1f} ms"
    print(f"  {path[:60]:60} {spent}, {size / 1000:6.1f} kB{wrong}", flush=True)


def _arguments() -> tuple[int, int]:
    asked = argparse.ArgumentParser(prog="bench.pages", description="How long every page takes, and how large it is.")
    asked.add_argument("filings", type=int, nargs="?", default=FILINGS)
    asked.add_argument("alerts", type=int, nargs="?", help=f"{ALERTS_EACH} a filing, if not given")
    given = asked.parse_args()
    rung = ALERTS_EACH * given.filings if given.alerts is None else given.alerts
    if not 1 <= given.filings <= rung:
        asked.error("at least one filing, and an alert for each: pages of alerts need one")
    return given.filings, rung


if __name__ == "__main__":
    telemetry.configure_logs("critical")
    with tempfile.TemporaryDirectory(prefix="filingbell-pages-") as home:
        asyncio.run(main(*_arguments(), Path(home)))
