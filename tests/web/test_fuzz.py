"""Requests by the thousand, made from the OpenAPI document: every answer is one that it tells of."""

from pathlib import Path

import pytest

from service.model.person import Scope
from service.store import Database
from service.web import app
from tests.web.desk import served
from tests.web.examples import a_filing_came
from tests.web.fuzz import fuzz

_LONG = [pytest.param(5_000, chance, marks=pytest.mark.long) for chance in range(4)]  # beside each other


@pytest.mark.parametrize(("cases", "chance"), [(250, 14), *_LONG])
async def test_every_answer_is_as_the_document_says(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: int, chance: int
) -> None:
    """To right requests and to wrong ones: status, headers, content; and no wrong one is taken."""
    for limit in ("_BURST", "_STRANGERS"):
        monkeypatch.setattr(app, limit, 10**9)
    async with served(database, tmp_path) as desk:
        await a_filing_came(database)
        answers = await fuzz(desk, await desk.token(scopes=Scope), cases, chance)

    print(f"{answers.total():,} requests: {dict(sorted(answers.items()))}")
    assert answers.total() >= cases
    assert {200, 201, 204, 404, 422} <= set(answers)
    assert not any(status >= 500 for status in answers)
