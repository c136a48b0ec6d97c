"""``check``: whether a configuration file can be used, and what it asks for."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from consumers.matcher import RuleSet
from service.cli import configfile


def check(config: Path) -> None:
    """Say what *config* asks for; raises ConfigError that tells every fault."""
    configuration = configfile.load(config)
    console = Console(highlight=False)
    console.print(Text(f"{config} can be used.", style="green"))
    for rule in RuleSet(configuration.rules):
        claims = rule.claims
        console.print(Text(f"  {rule.rule.name}: {' and '.join(claims) or 'every filing'}"))
        console.print(Text(f"    to {', '.join(rule.rule.channels)}", style="dim"))
    if configuration.operations:
        console.print(Text(f"  of the service itself, told to {', '.join(configuration.operations)}", style="dim"))
    used = {channel for rule in configuration.rules for channel in rule.channels} | set(configuration.operations)
    for name in configuration.channels.keys() - used:
        console.print(Text(f"  channel {name} is used by no rule, nor for operations", style="yellow"))
