"""What a request is refused with: problem details (RFC 9457), from the errors that ``control`` raises."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from aiohttp import web
from msgspec import Struct

from service.model.errors import ConfigError, Fault, Faulty, Forbidden, NotFound, Stale, TryAgain

CONTENT_TYPE = "application/problem+json"
_TYPES = "urn:filingbell:problem:"
_RETRY = "5"  # seconds after which an outage may be over

log = structlog.get_logger()


class FaultShown(Struct, frozen=True, kw_only=True):
    """One thing wrong in what was sent."""

    path: tuple[str | int, ...]  # as in a configuration file, or to the field of the request
    message: str
    at: int | None = None  # the character of the text there, from 0; None: all of it


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a request came to nothing."""

    type: str  # urn:filingbell:problem:..., by which programs tell them apart
    title: str
    status: int
    detail: str
    faults: tuple[FaultShown, ...] = ()
    revision: int | None = None  # at which it stands, where somebody else has changed it


class Refusal(Exception):
    """What the request is refused with; raised where HTTP itself decides, and no error of ``control`` says it."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        faults: tuple[FaultShown, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = _problem(status, kind, detail, faults=faults)
        self.headers = headers or {}


def shown(faults: tuple[Fault, ...]) -> tuple[FaultShown, ...]:
    """*faults* as they are sent."""
    return tuple(FaultShown(path=one.path, message=one.message, at=one.at) for one in faults)


def refused(error: Exception) -> web.Response:
    """The answer to a program's request that came to *error*."""
    problem, headers = problem_of(error)
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        headers={"Content-Type": CONTENT_TYPE, **headers},
    )


def problem_of(error: Exception) -> tuple[Problem, Mapping[str, str]]:
    """What is told of *error*, and the headers with it; what nobody expected is logged, and not told."""
    if isinstance(error, Refusal):
        return error.problem, error.headers
    if isinstance(error, web.HTTPException):
        status = HTTPStatus(error.status)
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
        kind = status.phrase.lower().replace(" ", "-")
        return _problem(status, kind, status.description or status.phrase), allow
    problem = _of(error)
    if problem is not None:
        retry = {"Retry-After": _RETRY} if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else {}
        return problem, retry
    log.error("request_failed", exc_info=error)
    detail = "the service failed on this request; its log says how"
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail), {}


def _of(error: Exception) -> Problem | None:
    """What ``control`` means by *error*; None: nobody expected it."""
    match error:
        case NotFound():
            return _problem(HTTPStatus.NOT_FOUND, "not-found", str(error))
        case Forbidden():
            return _problem(HTTPStatus.CONFLICT, "conflict", str(error))
        case Stale():
            return _problem(HTTPStatus.PRECONDITION_FAILED, "stale", str(error), revision=error.stands)
        case Faulty() | ConfigError():
            first = str(error).partition("\n")[0]
            return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", first, faults=shown(error.faults))
        case TryAgain():
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", str(error))
        case _:
            return None


def _problem(status: HTTPStatus, kind: str, detail: str, **more: Any) -> Problem:
    return Problem(type=f"{_TYPES}{kind}", title=status.phrase, status=status, detail=detail, **more)
