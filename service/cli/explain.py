"""``explain``: rule by rule, why a filing alerts or does not."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.text import Text

from consumers import configuration as configfile
from consumers.matcher.explain import explain as explained
from consumers.matcher.match import CompiledRule
from service.cli import about
from service.cli.screen import Screen
from service.model.alert import Evidence, Explanation
from service.model.delivery import DeliveryState
from service.model.fact import Verdict
from service.store.ledger import Delivery
from service.text import legible, one_line
from service.wire import encode
from service.words import eastern

_BROUGHT = (
    "From the SEC's data set of {}: numbers are rounded to two decimals. No feed or index has listed it here, so it "
    "alerted nobody, whatever the rules say."
)
_MARKS = {Verdict.TRUE: ("yes    ", "green"), Verdict.FALSE: ("no     ", "red"), Verdict.UNKNOWN: ("unknown", "yellow")}


def explain(filing: str, config: Path, *, as_json: bool) -> None:
    """Explain *filing* (see `about`) under the rules in *config*, and say whom it alerted when it came."""
    configuration = configfile.load(config)
    known = about.known(filing)
    if known.listed is not None:
        configuration = configfile.load(config, listed=known.listed)
    rules = [CompiledRule.of(rule) for rule in configuration.rules]
    subject = known.subject
    explanations = [explained(rule, subject) for rule in rules]
    if as_json:
        sys.stdout.write(encode(explanations).decode() + "\n")
    else:
        screen = Screen()
        issuer = subject.document.issuer
        filed = f"Form {subject.document.document_type} {subject.filing.accession}, {issuer.issuer_name}"
        screen.print(Text(one_line(filed), style="bold"))
        if subject.filing.provenance.history:
            screen.print(Text("Published as history: it alerted nobody, whatever the rules say.", style="yellow"))
        if known.brought is not None:
            screen.print(Text(_BROUGHT.format(known.brought), style="yellow"))
        for explanation in legible(explanations):
            _show(explanation, screen)
        if known.deliveries is not None:
            _tell(known.deliveries, screen)
    if not any(explanation.verdict is Verdict.TRUE for explanation in explanations):
        raise typer.Exit(1)


def _show(explanation: Explanation, screen: Screen) -> None:
    _, style = _MARKS[explanation.verdict]
    word = {Verdict.TRUE: "alerts", Verdict.FALSE: "does not alert"}.get(
        explanation.verdict, "does not alert: it cannot be told"
    )
    screen.print()
    screen.print(Text.assemble((explanation.rule, "bold"), " ", (word, style)))
    for evidence in explanation.filing:
        _line("Filing", evidence, screen)
    for row in explanation.rows:
        for evidence in row.evidence:
            _line(row.place, evidence, screen, whole=evidence.verdict is row.verdict)
    for evidence in explanation.total:
        _line("Rows that count", evidence, screen)
    if not explanation.rows and not explanation.filing:
        screen.print(Text("  the filing has no transaction rows", style="dim"))


def _line(place: str, evidence: Evidence, screen: Screen, depth: int = 0, *, whole: bool = True) -> None:
    """What *evidence* says; where it is to be told *whole*, each part that it is made of stands under it instead."""
    mark, style = _MARKS[evidence.verdict]
    boxes = ", ".join(evidence.boxes)
    notes = ", ".join(evidence.footnotes)
    where = f"{place}{f', {boxes}' if boxes else ''}{f' (footnotes {notes})' if notes else ''}"
    lead = Text.assemble("  ", (mark, style), " ", "  " * depth)
    parts = evidence.parts if whole else ()
    screen.hang(lead, Text(f"{where}: {evidence.predicate}{'' if parts else f': {evidence.stated}'}"))
    for part in parts:
        _line(place, part, screen, depth + 1)


def _tell(deliveries: Sequence[Delivery], screen: Screen) -> None:
    """Whom the filing alerted when it came, whatever the rules were then."""
    screen.print()
    screen.print(Text("What was sent when it came", style="bold"))
    if not deliveries:
        screen.hang(Text("  "), Text("nothing: it met no rule that was in use then", style="dim"))
    for one in legible(deliveries):
        answer = f": {one.last.detail}" if one.last and one.state is not DeliveryState.DELIVERED else ""
        at = eastern(one.settled or one.owed)
        screen.hang(Text("  "), Text(f"{one.rule} to {one.channel_name}: {one.state}, {at}{answer}"))
    if any(one.state is not DeliveryState.DELIVERED for one in deliveries):
        screen.hang(
            Text("  "), Text(f"Every attempt: filingbell deliveries show {deliveries[0].accession}", style="dim")
        )
