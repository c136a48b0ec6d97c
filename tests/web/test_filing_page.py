"""A filing's page: the whole form, what made it ring, and its way here."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html
from msgspec.structs import replace
from sqlalchemy import update

from consumers.matcher.alerts import alert_of
from consumers.matcher.subject import Subject
from consumers.matcher.tape import line_of
from consumers.parser.document import parse
from service.control.amending import AmendmentRelations
from service.control.filed import Filed, Rang
from service.control.trading import Trade
from service.model.delivery import DeliveryState, Obligation
from service.model.filing import Times
from service.model.identity import DEFAULT, Revision, RuleId, WorkspaceId
from service.model.message import Message, MessageKind
from service.model.ownership import NonDerivativeHolding, OwnershipDocument
from service.model.parsed import ParsedFiling
from service.model.trade import trade_id
from service.store import Database, deliveries, history, matchings, messages, schema, tape
from service.store.matchings import Matching
from service.text import one_line
from service.web.endpoint import BASE
from service.web.pages import PAGES
from service.web.pages.filing.view import view
from service.web.pages.templates import Surroundings, Templates
from service.web.static import Static
from service.wire import encode
from service.wire.topics import parsed_event
from tests.kit.corpus import DOCUMENTS, each_file
from tests.kit.documents import ACCESSION, NOW, a_document, a_filing, a_row, a_rule, an_option, an_owner
from tests.kit.said import Said, said_in_xml, xml_root
from tests.web.browser import Browser
from tests.web.desk import served
from tests.web.examples import WEBHOOK

ALONE = Trade(trade_id=trade_id(ACCESSION), filings=())
_TEMPLATES = Templates(PAGES, Static())
_ROW = re.compile(r"(non_)?derivative_table\[(\d+)\]")
_TICKED = {
    "is_director": "Director",
    "is_officer": "Officer",
    "is_ten_percent_owner": "10% Owner",
    "is_other": "Other",
    "rpt_owner_good_address": "Good address",
    "rpt_owner_non_us_address_flag": "Non-US address",
    "aff10b5_one": "Made under a Rule 10b5-1(c) plan",
    "not_subject_to_section16": "No longer subject to Section 16",
    "no_securities_owned": "No securities are beneficially owned",
    "form3_holdings_reported": "Form 3 holdings reported",
    "form4_transactions_reported": "Form 4 transactions reported",
}
_TIMELINESS = {"E": "V", "L": "late"}


def page_of(document: OwnershipDocument, *rules: object) -> str:
    """The page of a filing with *document*, without a server."""
    filing = a_filing(form=document.document_type)
    subject = Subject.of(filing, document)
    rang = tuple(Rang(alert=alert_of(rule, subject, rule.matches(subject) or ()), at=NOW) for rule in rules)
    parsed = ParsedFiling(filing=filing, document=document)
    filed = Filed(
        parsed=parsed,
        whole=True,
        rang=rang,
        faded=(),
        more=False,
        amending=AmendmentRelations(),
        trade=ALONE,
        sent=None,
    )
    return _TEMPLATES.render("filing.html", {"view": view(filed)}, Surroundings(title="Filing", here="/", now=NOW))


def read(page: str) -> html.HtmlElement:
    return html.document_fromstring(page)


def text_of(element: html.HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def part(page: html.HtmlElement, place: str) -> html.HtmlElement:
    """Where on the *page* stands what the XML says at *place*."""
    if row := _ROW.fullmatch(place):
        return page.get_element_by_id(f"t{1 if row[1] else 2}r{int(row[2]) + 1}")
    name, _, index = place.partition("[")
    if name == "reporting_owners":
        return page.find_class("person")[int(index[:-1])]
    if name == "owner_signatures":
        return page.find_class("signatures")[0][int(index[:-1])]
    return page.find_class("form-paper")[0]


def stands(page: html.HtmlElement, said: Said) -> bool:
    """Whether *said* is shown where it belongs."""
    where = part(page, said.place) if said.place != "footnotes" else page.get_element_by_id(said.field)
    shown = text_of(where)
    if said.kind == "row":
        return ("holding" in where.classes) is str(said.value).endswith("Holding")
    if said.kind == "footnotes":
        return {f"#{number}" for number in said.value} <= set(where.xpath(".//sup/a/@href"))
    if said.field == "equity_swap_involved":
        return ("/K" in shown) is said.value
    if said.kind == "number":  # all of it, and not a part of another
        return bool(re.search(rf"(?<![\d,.]){re.escape(as_shown(said))}0?(?![\d,.])", shown))
    return as_shown(said) in shown


def as_shown(said: Said) -> str:
    """What a page says for a value."""
    if said.kind == "boolean":
        return f"{'Ticked' if said.value else 'Not ticked'}: {_TICKED[said.field]}"
    text = str(said.value)
    if said.kind == "number":
        return f"{Decimal(text):,f}"
    if said.field == "transaction_timeliness":
        return _TIMELINESS[text]
    if said.field == "transaction_form_type":
        return "" if text == "4" else f"form {text}"  # of a form 4, a 4 says nothing
    return " ".join(one_line(text).split())


@each_file(*DOCUMENTS)
def test_every_value_of_a_real_document_stands_on_its_page(path: Path) -> None:
    """Each in its own row or box, with its footnotes linked: nothing that was filed is left out."""
    page = read(page_of(parse(path.read_bytes())))

    assert [] == [one for one in said_in_xml(xml_root(path.read_bytes())) if not stands(page, one)]


@each_file("form4")
def test_the_page_of_an_ordinary_filing_is_small_and_links_to_what_is_there(path: Path) -> None:
    """Every link within the page leads somewhere, and no id stands twice."""
    rules = a_rule(kinds=["purchase", "sale", "exercise", "award"]), a_rule(roles=["director", "officer"])
    document = parse(path.read_bytes())
    subject = Subject.of(a_filing(), document)
    text = page_of(document, *(rule for rule in rules if rule.matches(subject) is not None))
    page = read(text)
    ids = page.xpath("//@id")

    assert len(text) < 120_000
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.xpath("//a/@href[starts-with(., '#')]")} <= {*ids}


def test_the_first_screen_answers_who_what_how_much_when_and_how_late() -> None:
    """Before the form begins; rows that were one order are told as one."""
    rows = [a_row("S", "1000", price, transaction_acquired_disposed_code="D") for price in ("10", "11.5")]
    page = read(page_of(a_document(*rows, reporting_owners=(an_owner(is_officer=True, officer_title="CFO"),))))
    told = {text_of(one[0]): text_of(one[1]) for one in page.find_class("told")[0]}
    (deal,) = page.find_class("deals")[0].xpath("./tbody/tr")

    assert text_of(page.find(".//h1")).startswith(
        "EXAMPLE CORP [EXMP]: DOE JANE (CFO) sold 2,000 shares of Common Stock"
    )
    assert "DOE JANE (officer: CFO)" == told["Who"]
    assert "2025-03-03" == told["Traded"]
    assert "In time" == told["How late"]
    assert ["Sale 2 rows", "Common Stock", "2,000", "Price $10 to $11.50", "$21,500", "–"] == [*map(text_of, deal)]


def test_what_made_it_ring_is_marked_with_why_beside_it() -> None:
    """The row, the box and the footnote, each with the letter of the alert; two alerts for one reason say it once."""
    document = a_document(
        a_row("P", "10", "1"),
        an_option(footnotes={"conversion_or_exercise_price": ("F1",)}),
        footnotes={"F1": "As agreed.", "F2": "Something else."},
    )
    page = read(page_of(document, a_rule(strike="<= $3"), a_rule(strike="<= $3", plan_10b5_1=False)))
    row = page.get_element_by_id("t2r1")

    assert "rang" in row.classes
    assert ["$2.91 F1 A B"] == [text_of(cell) for cell in row.find_class("marked")]
    assert "A B strike <= $3: $2.91 box 2, F1" == text_of(row.getnext()[1])
    assert "marked" in page.get_element_by_id("F1").classes
    assert "marked" not in page.get_element_by_id("F2").classes
    assert not page.get_element_by_id("t1r1").find_class("marked")
    (box,) = (one for one in page.find_class("marked") if "10b5-1" in text_of(one))
    assert text_of(box).endswith("plan B")
    assert 2 == len(page.xpath("//ol[@class='rings']//a[starts-with(@href, '/alerts/')]"))
    assert 2 == len(page.xpath("//ol[@class='rings']//a[starts-with(@href, '/rules/')]"))


def test_what_a_sum_rests_on_is_marked_in_every_row_that_counts() -> None:
    """And the sum is told with the alert."""
    page = read(
        page_of(a_document(a_row(), a_row("S"), a_row()), a_rule(kinds="purchase", value=">= $15k", per="filing"))
    )
    (ring,) = page.find_class("rings")[0]

    assert "sum of value >= $15,000: $20,000 in 2 rows box 4" in text_of(ring)
    assert [3, 0, 3] == [len(page.get_element_by_id(f"t1r{row}").find_class("marked")) for row in (1, 2, 3)]


async def test_a_filing_is_shown_with_the_alerts_of_ones_own_workspace(either: Database, tmp_path: Path) -> None:
    """Another's are another's matter."""
    rule, document = a_rule(kinds="purchase", description="x"), a_document(a_row())
    times = Times(accepted=NOW, updated=NOW + timedelta(seconds=36), seen=NOW + timedelta(seconds=37))
    filing = a_filing(times=times)
    subject = Subject.of(filing, document)
    async with served(either, tmp_path) as desk:
        other = WorkspaceId(await desk.workspace("other"))
        made = await desk.ask("POST", f"{BASE}/channels", await desk.token(), {"name": "desk", "settings": WEBHOOK})
        channel = made.content["id"]
        async with either.transaction() as tx:
            tx.emit(parsed_event(ParsedFiling(filing=filing, document=document), NOW))
            await deliveries.know(tx, [channel])
            for workspace, name, seconds in ((DEFAULT, "ours", 40), (other, "CANARY theirs", 39)):
                alert = replace(
                    alert_of(rule, subject, rule.matches(subject) or ()),
                    id=f"alert-{name[0]}",
                    workspace=workspace,
                    rule=name,
                    rule_id=RuleId(f"rule_{name[0]}"),
                )
                message = Message(
                    id=alert.id, kind=MessageKind.ALERT, workspace=workspace, value=encode(alert), accession=ACCESSION
                )
                await messages.keep(tx, [message], NOW)
                await deliveries.keep(tx, [(alert.id, Obligation(channel=channel, due=NOW))], NOW)
                mine = update(schema.deliveries).where(schema.deliveries.c.message == alert.id)
                settled = NOW + timedelta(seconds=seconds)
                await tx.execute(mine.values(state=DeliveryState.DELIVERED, settled=settled))
        browser = await Browser(desk).signed_in()
        seen = await browser.get(f"/filings/{ACCESSION}")
        undashed = await browser.get(f"/filings/{ACCESSION.replace('-', '')}")

    assert 200 == seen.status
    assert "CANARY" not in seen.html
    assert ["/alerts/alert-o"] == read(seen.html).xpath("//ol[@class='rings']//a[starts-with(@href, '/alerts/')]/@href")
    assert "Listed in the feed 2025-03-05 10:00:36 EST" in seen.text
    assert "First channel told 2025-03-05 10:00:40 EST" in seen.text
    assert "EDGAR to channel 40 s" in seen.text
    assert (303, f"/filings/{ACCESSION}") == (undashed.status, undashed.to)


async def test_a_filing_that_the_log_has_forgotten_is_shown_from_the_history(either: Database, tmp_path: Path) -> None:
    """Its boxes and rows, in their places; what is gone is said, and links lead nowhere that is not there."""
    held = NonDerivativeHolding(security_title="Class B", shares_owned_following_transaction=Decimal("5.50"))
    cited = {"transaction_price_per_share": ("F1",)}
    document = replace(a_document(), non_derivative_table=(held, a_row("P", "2000", "10.5", footnotes=cited)))
    parsed = ParsedFiling(filing=a_filing(times=Times(accepted=NOW)), document=document)
    async with served(either, tmp_path) as desk:
        async with either.transaction() as tx:
            await history.add(tx, [parsed], NOW)
            alert = Message(
                id="one", kind=MessageKind.ALERT, workspace=DEFAULT, value=b"", accession=ACCESSION, rule="all buys"
            )
            await messages.keep(tx, [alert], NOW)
            at, times = NOW + timedelta(seconds=3), Times(accepted=NOW, seen=NOW + timedelta(seconds=2))
            await matchings.add(tx, [Matching(accession=ACCESSION, revision=Revision(1), at=at, times=times)])
        browser = await Browser(desk).signed_in()
        seen = await browser.get(f"/filings/{ACCESSION}")
    page = read(seen.html)

    assert 200 == seen.status
    assert "bought 2,000 shares" in text_of(page.find(".//h1"))
    assert "1 Class B 5.50" == text_of(page.get_element_by_id("t1r1"))
    assert "2 Common Stock 2025-03-03 P 2,000 A $10.50 F1 D" == text_of(page.get_element_by_id("t1r2"))
    assert "Footnotes, remarks, addresses and signatures are no longer kept here" in seen.text
    assert not page.xpath("//a[@href='#F1']")
    assert "No signature" not in seen.text
    assert "Rang all buys" in seen.text
    assert "Matched 2025-03-05 10:00:03 EST" in seen.text
    assert page.xpath("//ol[@class='rings']//a[@href='/alerts/one']")


async def test_of_a_filing_that_is_no_longer_kept_its_line_is_left(either: Database, tmp_path: Path) -> None:
    """With where to read on; the tape remembers longer than the log."""
    subject = Subject.of(a_filing(), a_document(a_row("P", "2000", "10")))
    async with served(either, tmp_path) as desk:
        async with either.transaction() as tx:
            await tape.add(tx, [line_of(subject, NOW)])
        browser = await Browser(desk).signed_in()
        seen = await browser.get(f"/filings/{ACCESSION}")

    assert 200 == seen.status
    assert "EXAMPLE CORP [EXMP]: DOE JANE (director) bought 2,000 shares" in seen.text
    assert "the operator keeps it for 7 days" in seen.text
    assert {"https://www.sec.gov/i.htm", f"/why?filing={ACCESSION}"} <= set(read(seen.html).xpath("//a/@href"))


@pytest.mark.parametrize(("name", "status", "said"), [(ACCESSION, 404, "was never seen"), ("AAPL", 422, "accession")])
async def test_what_is_not_here_says_why_on_the_page(
    database: Database, tmp_path: Path, name: str, status: int, said: str
) -> None:
    """A reader is told what to do, not only that there is nothing."""
    async with served(database, tmp_path) as desk:
        browser = await Browser(desk).signed_in()
        seen = await browser.get(f"/filings/{name}")

    assert status == seen.status
    assert said in seen.text
