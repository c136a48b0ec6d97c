"""``check``: whether a configuration file can be used, and what was understood of it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.text import Text

from consumers import configuration as configfile
from consumers.configuration import Configuration
from consumers.dispatcher.channels import Channel
from consumers.language.possible import doubts
from consumers.matcher.match import CompiledRule
from service.cli.screen import Screen
from service.model.rule import Priority, Watchlist, watchlists_of
from service.words import counted

_TOLD = 12  # entries of a watchlist; more are counted
_BY_LIST = (
    "Tickers stand for companies by the SEC's list, once a service that runs has read it; until then the symbol box "
    "alone finds them. What each stands for: filingbell watchlists check"
)


def check(config: Path) -> None:
    """Say what *config* asks for; raises ConfigError that tells every fault."""
    configuration = configfile.load(config)
    screen = Screen()
    screen.print(Text(f"{config} can be used.", style="green"))
    _section("Channels", ((name, _told_when(channel)) for name, channel in configuration.channels.items()), screen)
    _section("Watchlists", ((entries.name, _entries(entries)) for entries in configuration.watchlists), screen)
    if any(entries.every_ticker for entries in configuration.watchlists):
        screen.hang(Text("  "), Text(_BY_LIST, style="dim"))
    _section("Rules", _rules(configuration), screen)
    if configuration.operations:
        told = f"outages, gaps and delays: to {', '.join(configuration.operations)}"
        _section("Operations", [("filingbell itself", told)], screen)
    warnings = list(_warnings(configuration))
    if warnings:
        screen.print()
        screen.print(Text(f"{counted(len(warnings), 'warning')}:", style="bold yellow"))
        for warning in warnings:
            screen.hang(Text("  "), Text(warning, style="yellow"))


def _told_when(channel: Channel) -> str:
    said = (
        f"quiet {channel.quiet}" if channel.quiet else "",
        f"a digest at {channel.digest}" if channel.digest else "",
        f"at most {counted(channel.max_per_hour, 'message')} an hour" if channel.max_per_hour else "",
    )
    return "; ".join(filter(None, said))


def _rules(configuration: Configuration) -> Iterator[tuple[str, str]]:
    for rule in configuration.rules:
        compiled = CompiledRule.of(rule)
        yield rule.name, " and ".join(compiled.claims) or "every filing"
        first = "urgent, " if rule.priority is Priority.URGENT else ""
        yield "", f"{first}to {', '.join(rule.channels)}"


def _entries(entries: Watchlist) -> str:
    """Who is on the watchlist, as the filings' names and numbers are held against it."""
    kinds = (
        ("ticker", sorted(entries.tickers)),
        ("issuer CIK", sorted(entries.ciks)),
        ("owner CIK", sorted(entries.owners)),
        ("owner named", sorted(entries.owner_names)),
    )
    parts = []
    for kind, names in kinds:
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        if names:
            parts.append(f"{kind} {', '.join(names[:_TOLD])}{more}")
    left_out = f", except {_entries(entries.left_out)}" if entries.left_out else ""
    return f"{'; '.join(parts)}{left_out}"


def _warnings(configuration: Configuration) -> Iterator[str]:
    """What can be used, but is hardly meant."""
    rules = configuration.rules
    yield from (f"rule {rule.name}: {doubt}" for rule in rules for doubt in doubts(rule))
    told = {channel for rule in rules for channel in rule.channels} | set(configuration.operations)
    yield from (
        f"channel {name} is used by no rule, nor for operations" for name in configuration.channels if name not in told
    )
    yield from (
        f"channel {name} is told of outages of filingbell itself, but not in its quiet hours ({channel.quiet})"
        for name, channel in configuration.channels.items()
        if name in configuration.operations and channel.quiet
    )
    asked = {entries.name for rule in rules for entries in watchlists_of(rule.condition)}
    for entries in configuration.watchlists:
        if entries.name not in asked:
            yield f"watchlist {entries.name} is used by no rule"
    if not configuration.operations:
        name = next(iter(configuration.channels))
        choose = f"add: operations: {{channels: {name}}}, or choose with `filingbell operations set {name}`"
        yield f"nobody is named here to hear of outages of filingbell itself; {choose}"


def _section(title: str, lines: Iterable[tuple[str, str]], screen: Screen) -> None:
    told = list(lines)
    if told:
        screen.print()
        screen.print(Text(title, style="bold"))
    width = max((len(name) for name, _ in told), default=0)
    for name, text in told:
        screen.hang(Text(f"  {name:{width}}  " if text else f"  {name}"), Text(text, style="" if name else "dim"))
