"""From a page of the table to what aiohttp calls: who asks, what was sent, and what is shown."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web
from msgspec import structs

from service.control import workspaces
from service.model.errors import ConfigError, Faulty, Forbidden, NotFound, Stale, TryAgain
from service.web import browsers, received
from service.web.auth import Asker, asker, visitor
from service.web.context import Context
from service.web.endpoint import BASE
from service.web.pages import flash, theme
from service.web.pages.form import FormFields, SentForm
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.templates import Surroundings, Templates
from service.web.problems import Problem, Refusal, problem_of
from service.web.rates import Rates
from service.web.security import SAFE, Handler, address, is_from_here

_HTML = "text/html"
_LARGEST_OF_STRANGERS = 64 * 1024  # bytes of a form, which says how many it has
_SENT_AGAIN = (Faulty, ConfigError, Forbidden, Stale, TryAgain, Refusal)


def handler(page: Page, context: Context, templates: Templates, rates: Rates, strangers: Rates) -> Handler:
    """What serves *page*: *rates* counts who is known, *strangers* those who are not signed in."""

    async def serve(request: web.Request) -> web.StreamResponse:
        who = None
        try:
            if page.scope is None:
                who = await _anyone(context, request, rates, strangers)
            else:
                who = await _person(context, request, rates, strangers)
                who.need(page.scope)
            answer = await _answer(page, await _look(context, templates.start, who, request), request)
        except _SignInFirst:
            return _to_sign_in(request)
        except Exception as error:
            problem, headers = problem_of(error)
            surroundings = await _surroundings(context, page.title, who, request)
            return _told(problem, headers, templates, surroundings)
        return await _response(page, context, templates, who, request, answer)

    return serve


def is_asked_for(request: web.Request) -> bool:
    """Whether it is a browser that asks, for a page."""
    return "text/html" in request.headers.get(hdrs.ACCEPT, "") and not request.path.startswith(f"{BASE}/")


async def refused(error: Exception, request: web.Request, context: Context, templates: Templates) -> web.Response:
    """The page that says why a request for a page that is not there, or by a wrong name, cannot be answered."""
    problem, headers = problem_of(error)
    who = None
    if problem.status == HTTPStatus.NOT_FOUND:
        problem = structs.replace(problem, detail="There is no page at this address.")
        with suppress(TryAgain):
            who = await visitor(context, request)
    return _told(problem, headers, templates, await _surroundings(context, problem.title, who, request))


class _SignInFirst(Exception):
    """Nobody is signed in, on a page that is not for anyone."""


async def _person(context: Context, request: web.Request, rates: Rates, strangers: Rates) -> Asker:
    try:
        who = await asker(context, request)
    except Refusal as refusal:
        strangers.take(address(request, context))
        if refusal.problem.status == HTTPStatus.UNAUTHORIZED:
            raise _SignInFirst from None
        raise
    if who.signed is None:  # a token is for programs
        raise _SignInFirst
    rates.take(who.id)
    return who


async def _anyone(context: Context, request: web.Request, rates: Rates, strangers: Rates) -> Asker | None:
    if request.method not in SAFE and not is_from_here(request):
        raise Refusal(HTTPStatus.FORBIDDEN, "csrf", "this was not sent by a page of this service: load the page again")
    who = await visitor(context, request)
    (rates if who else strangers).take(who.id if who else address(request, context))
    if who is None and request.can_read_body and not 0 <= (request.content_length or -1) <= _LARGEST_OF_STRANGERS:
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "form", "this is more than the form asks for")
    return who


async def _look(context: Context, start: str, who: Asker | None, request: web.Request) -> Look:
    return Look(
        context=context,
        asker=who,
        path=request.match_info,
        query=request.query,
        form=FormFields() if request.method in SAFE else await _form(request),
        address=address(request, context),
        browser=browsers.called(request.headers.get(hdrs.USER_AGENT, "")),
        start=start,
        is_part=_is_part(request),
    )


async def _form(request: web.Request) -> FormFields:
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for name, value in (await received.fields(request)).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        elif isinstance(value, str):
            fields.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return FormFields(fields, files)


async def _answer(page: Page, look: Look, request: web.Request) -> Shown | Moved:
    """What *page* answers; where a form cannot be taken, the form again, with what is wrong."""
    try:
        return await page.handler(look)
    except _SENT_AGAIN as error:
        if page.again is None:
            raise
        problem, _ = problem_of(error)
        faults = error.faults if isinstance(error, Faulty | ConfigError) else ()
        sent = SentForm(request.path, look.form, problem.detail, faults, is_stale=isinstance(error, Stale))
        answer = await page.again(replace(look, sent=sent))
        if isinstance(answer, Moved):
            return answer
        return replace(answer, status=problem.status, values={**answer.values, "sent": sent})


async def _response(
    page: Page,
    context: Context,
    templates: Templates,
    who: Asker | None,
    request: web.Request,
    answer: Shown | Moved,
) -> web.Response:
    if isinstance(answer, Moved):
        response = _moved(answer.to, request)
        if answer.said:
            flash.say(context, response, answer.said)
    else:
        surroundings = await _surroundings(context, page.title, who, request)
        body = templates.render(answer.template, answer.values, surroundings)
        response = web.Response(status=answer.status, body=body, content_type=_HTML, charset="utf-8")
        if surroundings.said:
            flash.said(context, response)
    if answer.also is not None:
        answer.also(response)
    return response


def _told(problem: Problem, headers: Mapping[str, str], templates: Templates, around: Surroundings) -> web.Response:
    body = templates.error(problem, structs.replace(around, said=""))  # the next page says it
    return web.Response(status=problem.status, headers=headers, body=body, content_type=_HTML, charset="utf-8")


async def _surroundings(context: Context, title: str, who: Asker | None, request: web.Request) -> Surroundings:
    return Surroundings(
        title=title,
        asker=who,
        here=request.path,
        now=context.clock.now(),
        csrf=who.signed.csrf if who and who.signed else "",
        said="" if _is_part(request) else flash.saying(context, request),
        workspace=await _workspace(context, who),
        theme=theme.chosen(context, request),
    )


async def _workspace(context: Context, who: Asker | None) -> str:
    if who is None:
        return ""
    with suppress(TryAgain, NotFound):  # an error is told without it, too
        return await workspaces.name_of(context.database, who.workspace)
    return ""


def _is_part(request: web.Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def _to_sign_in(request: web.Request) -> web.Response:
    """To the page for it, and from there back to the page that was asked for."""
    back = request.path_qs if request.method in SAFE and not _is_part(request) else _referred(request)
    return _moved(f"/sign-in?next={quote(back, safe='/')}" if back else "/sign-in", request)


def _referred(request: web.Request) -> str:
    """The page from which a form or a part was asked for: htmx says it; a browser may say nothing."""
    given = request.headers.get("HX-Current-URL", "")
    try:
        current = urlsplit(given if given.isprintable() else "")
    except ValueError:  # what stands for a host is not one
        return ""
    if current.netloc.lower() != request.host.lower():
        return ""
    return f"{current.path}?{current.query}" if current.query else current.path


def _moved(to: str, request: web.Request) -> web.Response:
    """Go to *to*, the whole page: a part would otherwise be put where another was."""
    if _is_part(request):
        return web.Response(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": to})
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: to})
