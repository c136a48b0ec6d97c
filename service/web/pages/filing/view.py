"""Everything that stands on a filing's page, apart from how it looks."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from consumers.form import Form, form_of
from consumers.form.cells import Entry
from consumers.form.columns import FormColumn, FormTable
from consumers.matcher.subject import Subject
from service.control.filed import Filed
from service.control.trading import Telling
from service.model.filing import Cik, Filing, Source
from service.model.ownership import ReportingOwner
from service.store.alerts import KeptAlert
from service.text import one_line
from service.web.pages.filing import amended
from service.web.pages.filing.evidence import AskedReason, Evidence, Letters, anchor, evidence
from service.web.pages.filing.summary import Summary, summary
from service.web.pages.filing.way import Station, way, whole

_EDGAR = "https://www.sec.gov/cgi-bin/browse-edgar?action=getcompany&type=4&owner=include&CIK="
_BACK = 12  # links from a footnote to the rows that cite it
_ROWS = 60  # of a table, before somebody asks for all; EDGAR accepts 30
_OWNERS = 3  # that are linked
_LONG = 300  # characters of a text that scrolls by itself


class ShownBox(Struct, frozen=True, kw_only=True):
    """What stands in a box of a row."""

    text: str
    unread: bool  # it is the document's own text, which could not be read
    filed: str | None  # the document's own text, where reading it lost something
    notes: tuple[str, ...]
    marks: Letters
    long: bool


class RowLine(Struct, frozen=True, kw_only=True):
    """A row of a table."""

    anchor: str
    number: int
    holding: bool
    cells: tuple[tuple[ShownBox, ...], ...]  # for each column
    reasons: tuple[AskedReason, ...]  # why it counts


class Heading(Struct, frozen=True, kw_only=True):
    """The top of a column."""

    text: str
    name: str
    shape: str  # of what stands in it: "number", "prose" or nothing special


class Grid(Struct, frozen=True, kw_only=True):
    """Table I or II."""

    number: str
    title: str
    columns: tuple[Heading, ...]
    lines: tuple[RowLine, ...]
    more: int  # rows that are left out


class Note(Struct, frozen=True, kw_only=True):
    """A footnote, and where it is cited."""

    number: str
    text: str
    cited: tuple[tuple[str, str], ...]  # anchors and names of rows; of very many, the first ones
    more: int  # rows that are left out
    marks: Letters


class View(Struct, frozen=True, kw_only=True):
    """A filing's page."""

    filing: Filing
    filed_on: date | None
    summary: Summary
    form: Form
    grids: tuple[Grid, ...]
    rows: str  # the address of rows, before their anchors: where some are left out, that of the whole page
    notes: tuple[Note, ...]
    evidence: Evidence
    faded: tuple[KeptAlert, ...]  # alerts of which only the rule is known
    rang: tuple[str, ...]  # the names of the rules that rang
    anchors: Mapping[str, str]  # of rows, by their names
    who_marks: Letters  # of box 1
    issuer_marks: Letters
    more_alerts: bool
    way: tuple[Station, ...]
    whole: tuple[str, str] | None  # what took how long
    came: str | None  # how it came here, where not by the feed
    issuer: Cik
    owners: Sequence[ReportingOwner]  # the first ones
    company: str  # the issuer's page at the SEC
    folder: str  # likewise, of the filing's files
    linked: frozenset[str]  # the footnotes whose texts are here
    kept_whole: bool  # false: addresses and signatures are not here, and perhaps no footnotes and remarks
    amendment: bool
    amending: amended.Shown
    also: tuple[Telling, ...]  # other filings on the same trade, but for amendments


def view(filed: Filed, *, every_row: bool = False) -> View:
    """What is to be shown of *filed*; unless *every_row* is, of each table as many rows as EDGAR accepts and more."""
    filing, document = filed.parsed.filing, filed.parsed.document
    subject = Subject.of(filing, document)
    form = form_of(document)
    marked = evidence([(one.alert, one.at) for one in filed.rang])
    return View(
        filing=filing,
        filed_on=subject.filed_on,
        summary=summary(subject, filed.amending.amends),
        form=form,
        grids=tuple(_grid(table, form.type, marked, None if every_row else _ROWS) for table in form.tables),
        rows="?rows=all" if not every_row and any(len(table.rows) > _ROWS for table in form.tables) else "",
        notes=tuple(_notes(form, marked)),
        evidence=marked,
        faded=filed.faded,
        rang=tuple(one_line(name) for name in _rules(filed)),
        anchors={
            f"Table {table.number} row {number}": anchor(table.number, number)
            for table in form.tables
            for number in range(1, len(table.rows) + 1)
        },
        who_marks=_of_boxes(marked, "rpt_owner_name", "rpt_owner_cik"),
        issuer_marks=_of_boxes(marked, "issuer_cik", "issuer_name", "issuer_trading_symbol"),
        more_alerts=filed.more,
        way=way(filing, filed.sent),
        whole=whole(filing, filed.sent),
        came=_came(filing),
        issuer=document.issuer.issuer_cik,
        owners=document.reporting_owners[:_OWNERS],
        company=company_page(document.issuer.issuer_cik),
        folder=filing.links.index.rpartition("/")[0] + "/" if filing.links.index else "",
        linked=frozenset(document.footnotes),
        kept_whole=filed.whole,
        amendment=document.is_amendment,
        amending=amended.shown_of(filed.amending, filing.accession),
        also=tuple(_also(filed)),
    )


def company_page(issuer: Cik) -> str:
    """Where the SEC lists what was filed on a company."""
    return f"{_EDGAR}{issuer}"


def _of_boxes(marked: Evidence, *boxes: str) -> Letters:
    return tuple(dict.fromkeys(letter for box in boxes for letter in marked.boxes.get(box, ())))


def _rules(filed: Filed) -> Iterator[str]:
    yield from (one.alert.rule for one in filed.rang)
    yield from (one.rule or "a rule without a name" for one in filed.faded)


def _came(filing: Filing) -> str | None:
    if filing.provenance.history:
        return "Published for the record: it alerted nobody."
    return {
        Source.INDEX: "The feed missed it; comparing with the SEC's index brought it.",
        Source.BACKFILL: "A backfill brought it.",
    }.get(filing.provenance.source)


def _grid(table: FormTable, form: str, marked: Evidence, most: int | None) -> Grid:
    lines = [
        RowLine(
            anchor=anchor(table.number, number),
            number=number,
            holding=number - 1 in table.holdings,
            cells=tuple(
                tuple(_shown(entry, _marks(marked, table.number, number, column)) for entry in cell)
                for column, cell in zip(table.columns, cells, strict=True)
            ),
            reasons=marked.rows.get((table.number, number), ()),
        )
        for number, cells in enumerate(table.rows[:most], 1)
    ]
    return Grid(
        number=table.number,
        title=table.title,
        columns=tuple(
            Heading(text=column.heading(form), name=column.name, shape=_shape(column)) for column in table.columns
        ),
        lines=tuple(lines),
        more=len(table.rows) - len(lines),
    )


def _shape(column: FormColumn) -> str:
    if column.right:
        return "number"
    return "prose" if column.boxes[0].endswith("_title") or column.boxes[0] == "nature_of_ownership" else ""


def _marks(marked: Evidence, table: str, row: int, column: FormColumn) -> Letters:
    found = (letter for box in column.boxes for letter in marked.cells.get((table, row, box), ()))
    return tuple(dict.fromkeys(found))


def _shown(entry: Entry, marks: Letters) -> ShownBox:
    text = entry.text if entry.readable else entry.filed or ""
    return ShownBox(
        text=text,
        unread=not entry.readable,
        filed=entry.filed if entry.readable else None,
        notes=entry.notes,
        marks=marks,
        long=len(text) > _LONG,
    )


def _notes(form: Form, marked: Evidence) -> Iterator[Note]:
    cited = _cited(form.tables)
    for number, text in form.footnotes:
        places = cited.get(number, ())
        yield Note(
            number=number,
            text=text,
            cited=places[:_BACK],
            more=len(places[_BACK:]),
            marks=marked.footnotes.get(number, ()),
        )


def _cited(tables: Sequence[FormTable]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The rows that cite each footnote."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for table in tables:
        for number, cells in enumerate(table.rows, 1):
            for note in {note for cell in cells for entry in cell for note in entry.notes}:
                place = anchor(table.number, number), f"Table {table.number} row {number}"
                found.setdefault(note, {})[place] = None
    return {note: tuple(places) for note, places in found.items()}


def _also(filed: Filed) -> Iterator[Telling]:
    if filed.parsed.document.is_amendment:
        return
    for one in filed.trade.filings:
        if one.accession != filed.parsed.filing.accession and not one.form.endswith("/A"):
            yield one
