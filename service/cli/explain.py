"""``explain``: rule by rule, why a filing alerts or does not."""

import asyncio
import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from consumers.matcher import RuleSet, Subject
from consumers.matcher.explain import explain as explained
from consumers.parser import parse
from service.cli import configfile
from service.cli.opened import opened
from service.cli.parse import read
from service.cli.screen import Screen
from service.edgar.submission import header, is_submission
from service.model.alert import Evidence, Explanation
from service.model.errors import ConfigError
from service.model.fact import Verdict
from service.model.filing import Accession, Filing, Links, Times, accession_number
from service.model.parsed import ParsedFiling
from service.store import events
from service.text import legible, one_line
from service.wire import decode, encode

_MARKS = {Verdict.TRUE: ("yes    ", "green"), Verdict.FALSE: ("no     ", "red"), Verdict.UNKNOWN: ("unknown", "yellow")}


def explain(filing: str, config: Path, *, as_json: bool) -> None:
    """Explain *filing* (an accession number that was seen, or a file) under the rules in *config*."""
    rules = RuleSet(configfile.load(config).rules)
    subject = _subject(filing)
    explanations = [explained(rule, subject) for rule in rules]
    if as_json:
        sys.stdout.write(encode(explanations).decode() + "\n")
    else:
        console = Screen()
        issuer = subject.document.issuer
        about = f"Form {subject.document.document_type} {subject.filing.accession}, {issuer.issuer_name}"
        console.print(Text(one_line(about), style="bold"))
        if subject.filing.history:
            console.print(Text("Published as history: it alerted nobody, whatever the rules say.", style="yellow"))
        for explanation in legible(explanations):
            _show(explanation, console)
    if not any(explanation.verdict is Verdict.TRUE for explanation in explanations):
        raise typer.Exit(1)


def _subject(filing: str) -> Subject:
    try:
        accession = accession_number(filing)
    except ValueError:
        if filing != "-" and not Path(filing).exists():
            raise ConfigError(
                f"{filing} is neither a file nor an accession number (such as 0001234567-25-000001)"
            ) from None
        return _from_file(filing)
    return asyncio.run(_from_log(accession))


def _from_file(file: str) -> Subject:
    data = read(file)
    document = parse(data)
    head = header(data) if is_submission(data) else None
    filing = Filing(
        accession=(head and head.accession) or Accession(Path(file).stem),
        form=document.document_type,
        issuer_cik=document.issuer.issuer_cik,
        issuer_name=document.issuer.issuer_name,
        filed_on=head.filed_on if head else None,
        links=Links(index="", submission=""),
        times=Times(accepted=head.accepted if head else None),
    )
    return Subject.of(filing, document)


async def _from_log(accession: Accession) -> Subject:
    async with opened() as (database, _):
        value = await events.by_id(database, f"parsed-{accession}")
    if value is None:
        raise ConfigError(
            f"{accession} is not among the parsed filings that the database keeps; see `filingbell dlq list`, "
            "or give its file"
        )
    parsed = decode(value, ParsedFiling)
    return Subject.of(parsed.filing, parsed.document)


def _show(explanation: Explanation, console: Console) -> None:
    _, style = _MARKS[explanation.verdict]
    word = {Verdict.TRUE: "alerts", Verdict.FALSE: "does not alert"}.get(
        explanation.verdict, "does not alert: it cannot be told"
    )
    console.print()
    console.print(Text.assemble((explanation.rule, "bold"), " ", (word, style)))
    for evidence in explanation.filing:
        _line("Filing", evidence, console)
    for row in explanation.rows:
        for evidence in row.evidence:
            _line(row.place, evidence, console)
    for evidence in explanation.total:
        _line("Rows that count", evidence, console)
    if not explanation.rows and not explanation.filing:
        console.print(Text("  the filing has no transaction rows", style="dim"))


def _line(place: str, evidence: Evidence, console: Console) -> None:
    mark, style = _MARKS[evidence.verdict]
    boxes = ", ".join(dict.fromkeys(source.number for source in evidence.sources))
    notes = ", ".join(dict.fromkeys(number for source in evidence.sources for number in source.footnotes))
    where = f"{place}{f', {boxes}' if boxes else ''}{f' (footnotes {notes})' if notes else ''}"
    console.print(Text.assemble("  ", (mark, style), f" {where}: {evidence.predicate}: {evidence.stated}"))
