"""Requests made from the OpenAPI document, right ones and wrong ones: what is answered is what the document says."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as openapi

from service.web.endpoint import BASE
from tests.web.desk import Web
from tests.web.examples import BODIES, filled, places_of

_CHECKS = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
]
_MOST, _HALF = 0.75, 0.5
_REJECTED = ["4xx"]
_STREAM = "text/event-stream"


class Fuzz:
    """The application, and a session with all rights that sends it what hypothesis makes."""

    def __init__(self, url: str, document: dict[str, Any], token: str, places: dict[str, str]) -> None:
        self._url = url
        self._places = places
        rejected = {"negative_data_rejection": {"expected-statuses": _REJECTED}}
        config = schemathesis.Config.from_dict({"checks": rejected})
        self._schema = schemathesis.openapi.from_dict(document, config=config)
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"Bearer {token}"
        self.answers: Counter[int] = Counter()

    def run(self, cases: int, chance: int) -> None:
        """Send some *cases* requests, divided among all operations; raises what is wrong of the first."""
        operations = sorted(self._operations(), key=lambda one: one.method == "delete")  # until then all is there
        for number, operation in enumerate(operations, 1):
            due = cases * number // len(operations)
            self._ask(operation, GenerationMode.NEGATIVE, max(1, (due - self.answers.total()) // 3), chance)
            self._ask(operation, GenerationMode.POSITIVE, max(1, due - self.answers.total()), chance)

    def _operations(self) -> Iterator[APIOperation[Any, Any, Any, Any]]:
        for found in self._schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if _STREAM not in str(operation.definition.raw):  # it does not end
                yield operation

    def _ask(self, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, cases: int, chance: int) -> None:
        luck = random.Random(chance)
        places = {one.name: self._places[one.name] for one in operation.path_parameters}
        is_right = mode is GenerationMode.POSITIVE

        @seed(chance)
        @settings(
            max_examples=cases,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        @given(case=operation.as_strategy(mode, path_parameters=None if is_right else places or None))
        def send(case: Any) -> None:
            if is_right:
                _ground(case, places, luck)
            answer = case.call(base_url=self._url, session=self._session)
            self.answers[answer.status_code] += 1
            case.validate_response(answer, checks=_CHECKS)

        try:
            send()
        except Unsatisfiable:  # there is no wrong request to what takes nothing
            assert not is_right


def _ground(case: Any, places: dict[str, str], luck: random.Random) -> None:
    """Have most of a right *case* mean what is there: else all would end at the first thing that is not."""
    if luck.random() < _MOST:
        case.path_parameters.update(places)
    if luck.random() < _MOST and "If-Match" in case.headers:
        case.headers["If-Match"] = "*"
    body = BODIES.get(case.operation.definition.raw["operationId"])
    if body and luck.random() < _HALF:
        case.body = body | ({"name": f"CANARY {luck.random()}"} if "name" in body else {})


async def fuzz(desk: Web, token: str, cases: int, chance: int) -> Counter[int]:
    """Send *cases* requests to the application; returns how many were answered with which status."""
    document = (await desk.ask("GET", f"{BASE}/openapi.json")).content
    del document["security"]  # who may is asked elsewhere: here every request has the token
    made = Fuzz(desk.url, document, token, places_of(await filled(desk, token)))
    await asyncio.to_thread(made.run, cases, chance)
    return made.answers
