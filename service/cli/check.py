"""``check``: whether a configuration file can be used, and what it asks for."""

from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from consumers.matcher import RuleSet
from service.cli import configfile
from service.cli.configfile import Configuration
from service.cli.screen import Screen


def check(config: Path) -> None:
    """Say what *config* asks for; raises ConfigError that tells every fault."""
    configuration = configfile.load(config)
    console = Screen()
    console.print(Text(f"{config} can be used.", style="green"))
    for rule in RuleSet(configuration.rules):
        claims = rule.claims
        console.print(Text(f"  {rule.rule.name}: {' and '.join(claims) or 'every filing'}"))
        console.print(Text(f"    to {', '.join(rule.rule.channels)}", style="dim"))
    if configuration.operations:
        console.print(Text(f"  of the service itself, told to {', '.join(configuration.operations)}", style="dim"))
    else:
        console.print(
            Text("  nobody is told when the service itself is in trouble: name channels in operations", "yellow")
        )
    for remark in _unused(configuration):
        console.print(Text(f"  {remark}", style="yellow"))


def _unused(configuration: Configuration) -> Iterator[str]:
    """What is configured and asked for nowhere: no error, but hardly meant."""
    rules = configuration.rules
    told = {channel for rule in rules for channel in rule.channels} | set(configuration.operations)
    yield from (
        f"channel {name} is used by no rule, nor for operations" for name in configuration.channels if name not in told
    )
    asked = {entries.name for rule in rules for entries in rule.watchlists}
    yield from (f"watchlist {name} is used by no rule" for name in configuration.watchlists if name not in asked)
