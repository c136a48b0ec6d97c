"""Silences: made and ended by people; what they keep from being told is kept, and can be sent after all."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from consumers.language.sections import fault_of_name
from consumers.parser.symbols import ticker
from service.control.audit import Changed, note
from service.control.once import Once
from service.model.audit import ChangeSubject
from service.model.errors import Fault, Faulty, NotFound
from service.model.fact import Kind
from service.model.filing import Cik, central_index_key
from service.model.identity import Prefix, Revision, RuleId, SilenceId, WorkspaceId, new_id
from service.model.resource import Action, Actor, ResourceKind
from service.model.silence import Matcher, Silence
from service.store import Database, Transaction, listing, resources, silences, tickers
from service.store.silences import Counted
from service.words import nearest

LONGEST = timedelta(days=366)
MOST = 200  # that hold at once in a workspace: each alert is held against every one
NAMED = 100  # of a kind in one silence
REASON = 500  # characters


class SilenceDraft(Struct, frozen=True, kw_only=True):
    """A silence as people write it."""

    tickers: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()  # CIKs, as are owners
    owners: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()  # names or ids
    kinds: tuple[str, ...] = ()
    reason: str


async def listed(
    database: Database, workspace: WorkspaceId, now: datetime, limit: int, *, ended: bool = False
) -> list[Counted]:
    """The silences of *workspace* that hold, and with *ended* those that do no more; the last to end first."""
    return await silences.listed(database, workspace, now, limit, ended=ended)


async def find(where: Database | Transaction, workspace: WorkspaceId, silence: str) -> Counted:
    """The silence with this id; raises NotFound."""
    found = await silences.find(where, workspace, silence)
    if found is None:
        raise NotFound(f"there is no silence {silence!r}; all of them: filingbell silences list --ended")
    return found


async def add(
    database: Database, actor: Actor, draft: SilenceDraft, ends: datetime, now: datetime, *, once: Once | None = None
) -> Silence:
    """Tell nobody of what *draft* means until *ends*; raises Faulty with everything that is wrong with it.

    A ticker also means the company that has it on the SEC's list now.
    """
    async with database.transaction() as tx:
        await resources.lock(tx)
        if once is not None and (before := await once.before(tx)):
            return (await find(tx, actor.workspace, before.made)).silence
        rules, faults = await _rules(tx, actor.workspace, draft.rules)
        read, more = _read(draft)
        faults += [*more, *_limits(draft, ends, now)]
        if len(await silences.active(tx, [actor.workspace], now)) >= MOST:
            faults.append(Fault((), f"{MOST} silences hold already: end some, or name more in one"))
        if faults:
            raise Faulty("the silence cannot be made:", tuple(faults))
        made = Silence(
            id=SilenceId(new_id(Prefix.SILENCE, now)),
            workspace=actor.workspace,
            matcher=replace(read, rules=rules, companies=await _with_listed(tx, read)),
            reason=draft.reason.strip(),
            made_by=actor.name,
            created=now,
            ends=ends,
        )
        await note(tx, actor, Action.ADDED, _changed(made, after=_told(made)), now, reason=made.reason)
        await silences.add(tx, made)
        if once is not None:
            await once.keep(tx, made.id, Revision(0), now)
    return made


async def end(database: Database, actor: Actor, silence: str, now: datetime) -> Silence:
    """Let it hold no more; one that has ended stays as it is. What it kept from being told stays kept.

    Raises NotFound.
    """
    async with database.transaction() as tx:
        await resources.lock(tx)
        before = (await find(tx, actor.workspace, silence)).silence
        if before.ends <= now:
            return before
        after = replace(before, ends=now, ended_by=actor.name)
        await note(tx, actor, Action.ENDED, _changed(after, before=_told(before), after=_told(after)), now)
        await silences.end(tx, before.id, actor.name, now)
    return after


async def muting(database: Database, workspace: WorkspaceId, rule: str, now: datetime) -> list[Silence]:
    """Those that hold for all that *rule* finds, an id, the longest first."""
    found = await silences.listed(database, workspace, now, MOST)
    return [one.silence for one in found if one.silence.matcher == Matcher(rules=(RuleId(rule),))]


async def in_words(database: Database, found: Collection[Silence]) -> dict[SilenceId, str]:
    """What each of them means, such as ``rule big-buys; AAPL, CIK 320193``."""
    names = await resources.names(database, {rule for one in found for rule in one.matcher.rules})
    return {one.id: "; ".join(_words(one.matcher, names)) for one in found}


def _words(matcher: Matcher, names: dict[str, str]) -> Iterator[str]:
    if matcher.rules:
        yield _or("rule", (names.get(one, one) for one in matcher.rules))
    if matcher.tickers or matcher.companies:
        yield _or("company", (*matcher.tickers, *(f"CIK {one}" for one in matcher.companies)))
    if matcher.owners:
        yield _or("insider", (f"CIK {one}" for one in matcher.owners))
    if matcher.kinds:
        yield _or("only", matcher.kinds)


def _or(what: str, names: Any) -> str:
    *others, last = names
    return f"{what} {', '.join(others)} or {last}" if others else f"{what} {last}"


async def _rules(
    tx: Transaction, workspace: WorkspaceId, named: Sequence[str]
) -> tuple[tuple[RuleId, ...], list[Fault]]:
    found: list[RuleId] = []
    faults = []
    for place, name in enumerate(named[:NAMED]):
        usable = fault_of_name(name) is None
        rule = await listing.find(tx, workspace, ResourceKind.RULE, name) if usable else None
        if rule is None:
            faults.append(Fault(("rules", place), f"there is no rule {name!r}"))
        else:
            found.append(RuleId(rule.id))
    return tuple(dict.fromkeys(found)), faults


def _read(draft: SilenceDraft) -> tuple[Matcher, list[Fault]]:
    """What *draft* means but for its rules, and what of it cannot be read."""
    faults: list[Fault] = []
    symbols: list[str] = []
    kinds: list[Kind] = []
    for place, written in enumerate(draft.tickers):
        if (symbol := ticker(written.strip())) is None:
            faults.append(Fault(("tickers", place), f"{written!r} is no ticker; write one such as AAPL or BRK.B"))
        else:
            symbols.append(symbol)
    for place, written in enumerate(draft.kinds):
        if written in set(Kind):
            kinds.append(Kind(written))
        else:
            near = nearest(written, list(Kind))
            meant = f"; did you mean {near}?" if near else f"; there are {', '.join(Kind)}"
            faults.append(Fault(("kinds", place), f"there is no kind {written!r}{meant}"))
    companies, owners = (_ciks(field, getattr(draft, field), faults) for field in ("companies", "owners"))
    return Matcher(tickers=_once(symbols), companies=companies, owners=owners, kinds=_once(kinds)), faults


def _ciks(field: str, given: Sequence[str], faults: list[Fault]) -> tuple[Cik, ...]:
    found: list[Cik] = []
    for place, written in enumerate(given):
        try:
            found.append(central_index_key(written.strip()))
        except ValueError as error:
            faults.append(Fault((field, place), str(error)))
    return _once(found)


def _once(found: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(found))


def _limits(draft: SilenceDraft, ends: datetime, now: datetime) -> Iterator[Fault]:
    matching = ("tickers", "companies", "owners", "rules", "kinds")
    if not any(getattr(draft, field) for field in matching):
        told = "say which alerts: tickers, companies, owners, rules or kinds; to stop a channel, disable it"
        yield Fault((), told)
    for field in matching:
        if len(getattr(draft, field)) > NAMED:
            yield Fault((field,), f"name no more than {NAMED}")
    if not draft.reason.strip():
        yield Fault(("reason",), "say why, for those who wonder later")
    elif not draft.reason.strip().isprintable():
        yield Fault(("reason",), "write one line without control characters")
    elif len(draft.reason) > REASON:
        yield Fault(("reason",), f"write no more than {REASON} characters")
    if ends <= now:
        yield Fault(("ends",), "this time is over: write a later one")
    elif ends > now + LONGEST:
        yield Fault(
            ("ends",), f"a silence lasts {LONGEST.days} days at most; to be told nothing for good, change the rule"
        )


async def _with_listed(tx: Transaction, matcher: Matcher) -> tuple[Cik, ...]:
    """The companies of *matcher*, and those that have its tickers on the SEC's list."""
    listed = await tickers.known(tx) if matcher.tickers else None
    placed = listed.placed(matcher.tickers) if listed else ()
    return _once([*matcher.companies, *(one.cik for one in placed)])


def _told(silence: Silence) -> dict[str, Any]:
    """*silence* as the log of changes has it."""
    told: dict[str, Any] = to_builtins(silence)
    return {name: told[name] for name in ("matcher", "reason", "ends")}


def _changed(silence: Silence, **how: Any) -> Changed:
    return Changed(kind=ChangeSubject.SILENCE, id=silence.id, name=silence.reason[:80], **how)
