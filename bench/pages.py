"""How long every page takes, and how large it is, in a database that has been used for long.

``python -m bench.pages [FILINGS] [ALERTS]`` asks for each page of the table, and for lists narrowed and far down.
CPU is that of serving and of asking.
"""

import asyncio
import base64
import sys
import tempfile
import time
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median

import msgspec

from bench.crowded import RULES, fill
from service import telemetry
from service.model.identity import DEFAULT
from service.model.person import Role
from service.model.resource import ResourceKind
from service.store import alerts, resources, tape_search
from service.store.database import open_database
from service.store.tape_search import TapeQuery
from service.vault import open_vault
from service.web.pages import PAGES
from tests.web.askers import signed_in, somebody
from tests.web.desk import Web, served

FILINGS, ALERTS = 200_000, 1_000_000
_TIMES = 40
_FEW = 10  # pages that one person asks for: more would be told to wait
_FAR = timedelta(days=60)
_LIMIT_MS, _LIMIT_BYTES = 100, 120_000
_BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
_ELSEWHERE = frozenset({"sign_in", "welcome", "visit", "status"})  # not for somebody who is signed in
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


async def main(filings: int, rung: int, folder: Path) -> None:
    """Print the figures."""
    telemetry.configure_logs("critical")
    database = await open_database(f"sqlite:///{folder}/pages.db")
    vault = open_vault(folder, None)
    began = time.monotonic()
    await fill(database, vault, filings, rung)
    print(f"pages, SQLite, {filings:,} filings and {rung:,} alerts for {RULES:,} rules; {_TIMES} times each")
    print(f"  made in {time.monotonic() - began:.0f} s", flush=True)
    async with served(database, folder, status="public") as desk:
        paths = await _paths(desk)
        for start in range(0, len(paths), _FEW):
            headers, _ = await signed_in(desk, await somebody(desk, f"person {start}", None))
            for path in paths[start : start + _FEW]:
                await _ask(desk, path, headers)
    await database.close()


async def _paths(desk: Web) -> list[str]:
    """Every page of the table with something on it, and lists that are narrowed, and far down."""
    database = desk.context.database
    (line,) = await tape_search.page(database, TapeQuery(), 1)
    person = (await somebody(desk, "somebody", Role.EDITOR)).id
    places = {"accession": line.accession, "person": person, "account": person, "workspace": DEFAULT, "revision": "1"}
    for kind in ResourceKind:
        places[kind] = (await resources.every(database, DEFAULT, kind))[1][0].id
    (rang,) = (await alerts.rung(database, DEFAULT, [line.accession])).values()
    places |= {"alert": rang[0].id, "message": rang[0].id, "filing": line.accession}
    shown = [one for one in PAGES if one.method == "GET" and one.name not in _ELSEWHERE]
    middle = (line.accepted - _FAR, line.accession)
    cursor = base64.urlsafe_b64encode(msgspec.json.encode(middle)).decode()
    lists = [*_LISTS, f"/?cursor={cursor}", f"/alerts?cursor={cursor}"]
    return [*(one.path.format(**places) for one in shown), *lists, f"/why?filing={line.accession}"]


async def _ask(desk: Web, path: str, headers: dict[str, str]) -> None:
    took, cpu, size, status = [], 0.0, 0, 0
    for _ in range(1 + _TIMES):
        started, used = time.perf_counter(), time.process_time()
        async with desk.session.get(f"{desk.url}{path}", headers=headers | _BROWSER) as answer:
            size, status = len(await answer.read()), answer.status
        took.append((time.perf_counter() - started) * 1000)
        cpu += (time.process_time() - used) * 1000 if len(took) > 1 else 0.0
    took = sorted(took[1:])  # at the first, its template is read
    late = took[-(_TIMES // 20) - 1]
    known = (
        (status != HTTPStatus.OK, f"answers {status}"),
        (late > _LIMIT_MS, "slow"),
        (size > _LIMIT_BYTES, "large"),
    )
    wrong = "".join(f"  {word}" for is_so, word in known if is_so)
    times = f"p50 {median(took):6.1f} ms, p95 {late:6.1f} ms, CPU {cpu / _TIMES:5.1f} ms"
    print(f"  {path[:60]:60} {times}, {size / 1000:6.1f} kB{wrong}", flush=True)


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="filingbell-pages-") as home:
        kept, rung = given or (FILINGS, ALERTS)
        asyncio.run(main(kept, rung, Path(home)))
