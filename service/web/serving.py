"""From an endpoint of the table to what aiohttp calls: who asks, what they send, and what they are answered."""

import hashlib
import re
from datetime import datetime
from http import HTTPStatus
from typing import Any

import msgspec
from aiohttp import hdrs, web

from service.control.once import Once
from service.model.identity import Revision
from service.text import is_text
from service.web import received
from service.web.auth import Asker, asker
from service.web.context import Context
from service.web.endpoint import BASE, Answer, Call, Endpoint
from service.web.problems import FaultShown, Refusal
from service.web.rates import Rates
from service.web.security import Handler, address
from service.wire import encode

IDEMPOTENCY_KEY = "Idempotency-Key"

_JSON = "application/json"
_ETAG = re.compile(r'"(\d{1,18})"', re.ASCII)
_DATED = re.compile(r"\d{4}-", re.ASCII)
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)
_PLACE = re.compile(r"(?P<message>.*?)(?: - at `(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")


def handler(endpoint: Endpoint, context: Context, rates: Rates, strangers: Rates) -> Handler:
    """What serves *endpoint*: *rates* counts who is known, *strangers* those who show nothing that is valid."""

    async def serve(request: web.Request) -> web.StreamResponse:
        who, limits = await admitted(context, request, rates, strangers)
        who.need(endpoint.scope)
        answer = await endpoint.handler(await _call(endpoint, context, who, request))
        response = _response(endpoint, answer, request)
        response.headers.update(limits)
        return response

    return serve


async def admitted(
    context: Context, request: web.Request, rates: Rates, strangers: Rates
) -> tuple[Asker, dict[str, str]]:
    """Who sends *request*, which is counted, and the headers that say how many more may come. Raises Refusal."""
    try:
        who = await asker(context, request)
    except Refusal:
        strangers.take(address(request, context))
        raise
    return who, rates.take(who.id)


async def _call(endpoint: Endpoint, context: Context, who: Asker, request: web.Request) -> Call:
    expected = _expected(request) if endpoint.changes else None
    query = asked(endpoint.asks, request) if endpoint.asks else None
    body = await received.body(request)
    if endpoint.takes is None and body:
        raise Refusal(HTTPStatus.BAD_REQUEST, "body", "this request takes no body")
    return Call(
        context=context,
        asker=who,
        path=request.match_info,
        query=query,
        body=_body(endpoint.takes, body, request) if endpoint.takes else None,
        expected=expected,
        once=_once(request, who, body) if endpoint.repeats else None,
    )


def _expected(request: web.Request) -> Revision | None:
    given = request.headers.get(hdrs.IF_MATCH)
    if given is None:
        detail = "send If-Match with the ETag of what you have read, or `*` to change it whatever it is by now"
        raise Refusal(HTTPStatus.PRECONDITION_REQUIRED, "if-match", detail)
    if given.strip() == "*":
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise Refusal(HTTPStatus.PRECONDITION_FAILED, "stale", 'If-Match is no ETag of this service, such as "12"')
    return Revision(int(found[1]))


def asked(asks: type[msgspec.Struct], request: web.Request) -> Any:
    """What the query of *request* asks for; raises Refusal (422)."""
    given = {name: request.query.getall(name) for name in request.query}
    several = [name for name, values in given.items() if len(values) > 1]
    if several:
        faults = tuple(FaultShown(path=(name,), message="this stands twice") for name in several)
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "the query cannot be used", faults)
    try:
        made = msgspec.convert({name: values[0] for name, values in given.items()}, asks, strict=False)
    except msgspec.ValidationError as error:
        raise _faulty("the query cannot be used", error) from None
    times = [name for name in given if isinstance(getattr(made, name, None), datetime)]
    if numbers := [name for name in times if not _DATED.match(given[name][0])]:  # which would be seconds since 1970
        faults = tuple(FaultShown(path=(name,), message="write a time as 2026-03-02T16:30:00Z") for name in numbers)
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "the query cannot be used", faults)
    return made


def _body(takes: type[msgspec.Struct], body: bytes, request: web.Request) -> Any:
    if request.content_type != _JSON:
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media-type", f"send {_JSON}")
    try:
        if b"\\u0000" in body and not is_text(msgspec.json.decode(body)):
            raise Refusal(HTTPStatus.BAD_REQUEST, "json", "the body has a character that no text has: send it without")
        return msgspec.json.decode(body, type=takes)
    except msgspec.ValidationError as error:
        raise _faulty("the body cannot be used", error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "json", f"the body is not JSON: {error}") from None


def _faulty(what: str, error: msgspec.ValidationError) -> Refusal:
    found = _PLACE.fullmatch(str(error))
    assert found is not None
    steps = [name or place for name, place in _STEP.findall(found["path"] or "")]
    path = tuple(int(step) if step.isdecimal() else step for step in steps)
    fault = FaultShown(path=path, message=found["message"])
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", what, (fault,))


def _once(request: web.Request, who: Asker, body: bytes) -> Once | None:
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = f"{IDEMPOTENCY_KEY} has 1 to 200 characters of ASCII without spaces, such as a UUID"
        raise Refusal(HTTPStatus.BAD_REQUEST, "idempotency-key", detail)
    whole = b"\0".join((request.method.encode(), request.path_qs.encode(), body))
    return Once(asker=f"{who.id} {who.workspace}", key=key, request=hashlib.sha256(whole).hexdigest())


def _response(endpoint: Endpoint, answer: Answer, request: web.Request) -> web.Response:
    headers = {}
    if answer.revision is not None:
        headers[hdrs.ETAG] = f'"{answer.revision}"'
        if request.method == hdrs.METH_GET and request.headers.get(hdrs.IF_NONE_MATCH) == headers[hdrs.ETAG]:
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if answer.location is not None:
        headers[hdrs.LOCATION] = f"{BASE}{answer.location}"
    status = answer.status or endpoint.status
    if answer.content is None:
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)
    body = encode(answer.content)
    return web.Response(status=status, body=body, headers=headers | {hdrs.CONTENT_TYPE: _JSON})
