"""Titles: the offices of the company, however they are spelt; and none that are a part's, a deputy's or past."""

import pytest

from consumers.matcher.facts.registry import value
from consumers.matcher.roles import Roles, offices, roles_of
from consumers.parser.document import parse
from service.model.fact import OwnerRole
from tests.kit.corpus import corpus
from tests.kit.documents import a_document, a_row, a_rule, a_subject, an_owner, met
from tests.matcher.plainly import ROLES

SPELT = """
ceo | CEO; C.E.O.; Chief Executive Officer; CHIEF EXECUTIVE OFFICER; Chief Executive
ceo | Principal Executive Officer; Co-CEO; Co-Chief Executive Officer; Interim CEO
ceo | Acting Chief Executive Officer; Group Chief Executive Officer; Chief Executive Officer of the Company
ceo | Chief Executive Officer and Director; Chf Exec Officer; Chief Executive Off
ceo | Chief Executive Officer (Principal Executive Officer); CEO - Example Corp; CEO of Example Corp.
ceo | Chief Exec. Officer; Chief Executive Office; Promoted to CEO; Appointed to Chief Executive Officer
ceo | Co-CEO, Office of the CEO; CEO and spouse of Chairman; Counsel to the Company and CEO
ceo president | President & CEO to the Company
ceo president | President and CEO; President & CEO; President/CEO; President-CEO; President, CEO; Pres. & CEO
ceo president | CEO and President; President, Chief Executive Off; Co-Chief Executive Officer and Co-President
ceo president | President, Chief Executive Officer & Director; President and C.E.O.
ceo president | PRESIDENT AND CHIEF EXECUTIVE OFFICER
ceo chair | Chairman & CEO; Chairman and Chief Executive Offi; CEO/Chairman
ceo chair | Chief Executive Officer and Chairperson; Chairman of the Board and Chief Executive Officer
ceo chair | Executive Chairman and CEO
ceo chair president | Chairman, President & CEO; Chairman President CEO; Executive Chairman, President and CEO
ceo chair president | PRESIDENT, CHIEF EXECUTIVE OFFICER, AND CHAIRMAN
ceo chair president | Chairman of the Board, President, and Chief Executive Officer
ceo founder | Founder & CEO; Co-Founder and Chief Executive Officer; CEO & Cofounder
ceo cfo | CEO/CFO; CEO, CFO, Director; Chief Executive and Financial Officer
ceo cfo | CEO and Principal Financial Officer
cfo | CFO; Chief Financial Officer; Chief Finance Officer; Principal Financial Officer; Chf. Financial Officer
cfo | Group CFO; Global CFO; Interim Chief Financial Officer; Chief Financial; Chief Fin. Officer
cfo | Chief Financial Offi
cfo vice-president | EVP, CFO; EVP & CFO; SVP CFO; EVP and Chief Financial Officer; Exec. V.P. & CFO
cfo vice-president | VP Finance/CFO; Sr. VP, Finance and CFO; Senior Vice President - Chief Financial Officer
cfo vice-president | Executive Vice President & CFO; Chief Financial Officer, Senior Vice President
cfo vice-president | Vice President- Finance and Chief Financial Officer
cfo treasurer | CFO & Treasurer; Chief Financial Officer and Treasurer; Treasurer, Principal Financial Officer
cfo coo | Chief Financial & Operating Officer; CFO and COO
cfo coo | Chief Operating Officer and Chief Financial Officer
accounting-officer cfo | Chief Financial and Accounting Officer; Principal Financial and Accounting Officer
coo | COO; Chief Operating Officer; Chief Operations Officer; Global Chief Operations Officer; Interim COO
coo president | President and COO; President and Chief Operating Of; President & Chief Operating Officer
cto | CTO; Chief Technology Officer; Chief Technical Officer; Chief Product and Technology Officer
president | President; Co-President; PRESIDENT; President of the Company
president secretary treasurer | President, Treasurer, Secretary; President, Secretary & Treasurer
chair | Chairman; Chair; Chairperson; Chairwoman; Executive Chairman; Non-Executive Chairman
chair | Chairman of the Board; Executive Chair; Chairman of the Board of Directors; Independent Chair
chair | Board Chair; COB
general-counsel | General Counsel; GC; Gen. Counsel; Chief Legal Officer; CLO
general-counsel | Chief Legal and Administrative Officer; Chief Legal Counsel
general-counsel | General Counsel and Chief Compliance Officer; Chief Legal Off
general-counsel secretary | General Counsel & Secretary; Chief Legal Officer and Corporate Secretary
general-counsel secretary | GC & Corp. Sec.
general-counsel secretary vice-president | VP, General Counsel, Secretary; SVP, Gen. Counsel & Secretary
general-counsel secretary vice-president | EVP - Corp Affrs, GC, & Corp Sec.
general-counsel secretary vice-president | Sr. VP, General Counsel and Secretary
general-counsel secretary vice-president | Senior EVP, General Counsel and Secretary
accounting-officer | Chief Accounting Officer; Principal Accounting Officer
accounting-officer | Chief Accounting Officer & Controller
vice-president | Vice President; VP; V.P.; EVP; SVP; Sr. VP Eastern Mediterranean; EVP, Worldwide Field Ops
vice-president | Vice-President; Executive Vice President, Engineering; Exec VP & Chief Marketing Officer
vice-president | Senior Vice President, HR; EVP & CEO--Lifestyle; EVP and President, North America
vice-president | EVP, Deputy CFO; Group Vice President and Treasurer of Acme
founder | Founder; Co-Founder
secretary | Secretary; Corporate Secretary; Secretary to the Board; Assistant to the CEO and Secretary
president | President, Office of the CEO; Trustee of the Company and President
vice-president | EVP, Office of the CEO; SVP, Assist to CEO; EVP & Special Asst. to Chairman; Dir., VP & Spouse of CEO
cfo | Vice Chairman & CFO
general-counsel secretary | Gen'l Counsel & Sec'y; GC & Sec; Deputy CFO, General Counsel and Secretary
secretary | Deputy General Counsel and Corporate Secretary
 | Former CEO; Former President and CEO; Director and former CFO; Retired Chairman; Chairman Emeritus; Ex-CEO
 | Deputy CFO; Deputy General Counsel; Assistant General Counsel; Asst. Secretary; Assistant Treasurer
 | Vice Chairman; Executive Vice Chairman; Chief of Staff to the CEO; Advisor to the CEO
 | Office of the CEO; Office of Chairman; Member of the Office of the President; Vice Chairman, Office of the CEO
 | Spouse of CEO; Wife of the Chief Executive Officer; Husband of President and CEO; Son of Chairman; Estate of CEO
 | Executive Assistant to the President and CEO; Secretary to the CEO; Counsel to the CEO; COS to CEO
 | Chief of Staff, Office of the CEO; Employee of CEO; CEO's spouse; CEO-elect; CEO Designate; Incoming CEO
 | Assistant to the President; President, North America; President - Example, North America; Group President
 | Division President; Area President; President of Patient and Testing Services
 | President, Research and Development; CEO of Professional Search; CEO, Wealth Management
 | President and CEO, Acme Bank; Chief Financial Officer of Acme Bank; COO, Americas; President & COO, Retail
 | Chief Operating Officer - Retail; Chair of Audit Committee; Audit Committee Chair
 | Chairman, Compensation Committee; Chief Information Officer; Chief Human Resources Officer; General Manager
 | Managing Director; Director; 10% Owner; Member of 13(d) group; Chief Commercial Officer; Controller
 | See Remarks
"""
EACH = [
    (title.strip(), roles.strip())
    for roles, _, titles in (line.partition("|") for line in SPELT.strip().splitlines())
    for title in titles.split(";")
]


@pytest.mark.parametrize(("title", "roles"), EACH)
def test_a_title_names_the_offices_of_the_company(title: str, roles: str) -> None:
    """Whatever the spelling; and what is over, a deputy's, or a part's names none."""
    assert roles == " ".join(sorted(offices(title, "EXAMPLE CORP")))


@pytest.mark.parametrize(
    ("remarks", "roles"),
    [
        ("President and Chief Executive Officer", "ceo president"),
        ("Title: Senior Vice President of Quality", "vice-president"),
        ("Officer Title: Interim Chief Financial Officer", "cfo"),
        ("Reporting Person's title is Chief Legal Officer.", "general-counsel"),
        ("The reporting person is Vice President and Corporate Controller.", "vice-president"),
        ("Ms. Doe is the Chairman and Chief Executive Officer of the Issuer.", "ceo chair"),
        ("Chief Financial Officer and Treasurer. Exhibit List: Exhibit 24.0 - Power of Attorney", "cfo treasurer"),
        ("Chief Operating Officer Exhibit 24.1 - Power of Attorney", "coo"),
        ("***Senior Vice President and Chief Legal Officer", "general-counsel vice-president"),
        ("The Reporting Person is no longer the Chief Executive Officer.", ""),
        ("This Form 4 amends the Form 4 filed by the Chief Executive Officer on March 3, 2025.", ""),
        ("The information will be provided to the Securities and Exchange Commission.", ""),
    ],
)
def test_remarks_are_read_where_the_title_refers_to_them(remarks: str, roles: str) -> None:
    """Where they state a title, and no story."""
    owner = an_owner(is_officer=True, officer_title="See Remarks")

    found, complete = roles_of(owner, a_document(remarks=remarks))

    assert roles == " ".join(sorted(found - {OwnerRole.OFFICER}))
    assert complete is bool(roles)


def test_remarks_are_not_read_for_who_is_no_officer() -> None:
    """A director has no title that could stand there."""
    found = roles_of(an_owner(is_director=True), a_document(remarks="Chief Executive Officer"))

    assert Roles(frozenset({OwnerRole.DIRECTOR}), complete=True) == found


def test_remarks_are_not_read_beside_a_title() -> None:
    """They may be about anybody."""
    owner = an_owner(is_officer=True, officer_title="Vice President")

    found, _ = roles_of(owner, a_document(remarks="Chief Executive Officer"))

    assert found == {"officer", "vice-president"}


@pytest.mark.parametrize(
    "title",
    [
        None,
        "",
        "See Remarks",
        "see remarks below",
        "*",
        "Executive Vice President, Chie",
        "Senior Vice President and Chi",
    ],
)
def test_the_offices_of_an_officer_whose_title_is_not_stated_are_not_all_known(title: str | None) -> None:
    """The form's box takes 30 characters: what is cut off there may go on."""
    assert not roles_of(an_owner(is_officer=True, officer_title=title), a_document()).complete


def test_one_owner_whose_title_is_missing_leaves_the_filing_open() -> None:
    """Whatever the others say."""
    owners = (
        an_owner(is_officer=True, officer_title="CFO"),
        an_owner(cik="0009800002", is_officer=True, officer_title="See Remarks"),
    )
    subject = a_subject(a_row(), reporting_owners=owners)

    assert "unknown" == met(a_rule(roles="ceo"), subject).verdict
    assert "true" == met(a_rule(roles="cfo"), subject).verdict


def test_ticks_are_roles_of_their_own() -> None:
    """A director without a title has no office that could be missing."""
    assert roles_of(an_owner(is_director=True, is_ten_percent_owner=True), a_document()) == Roles(
        frozenset({OwnerRole.DIRECTOR, OwnerRole.TEN_PERCENT_OWNER}), complete=True
    )


def test_a_former_office_in_the_box_for_other_is_none() -> None:
    """An officer title without a tick is read; but not one that is past."""
    now = an_owner(is_other=True, other_text="Chief Executive Officer")
    past = an_owner(is_other=True, other_text="Former Chief Executive Officer")

    assert roles_of(now, a_document()).found == {"other", "ceo"}
    assert roles_of(past, a_document()).found == {"other"}


def test_the_role_fact_is_of_all_owners() -> None:
    """Who asks for one and the same owner asks owner by owner."""
    owners = (an_owner(is_officer=True, officer_title="CFO"), an_owner(cik="0009800002", is_ten_percent_owner=True))
    subject = a_subject(a_row(), reporting_owners=owners)

    assert value("role", subject) == {"officer", "cfo", "ten-percent-owner"}
    assert [one.found for one in subject.roles_of_owners] == [{"officer", "cfo"}, {"ten-percent-owner"}]


@pytest.mark.parametrize(
    ("asked", "verdict"), [("officer", "true"), ("director", "false"), ("ceo", "unknown"), (["ceo", "officer"], "true")]
)
def test_an_office_that_cannot_be_told_is_unknown_to_rules(asked: str | list[str], verdict: str) -> None:
    """Ticks are known all the same."""
    subject = a_subject(a_row(), reporting_owners=(an_owner(is_officer=True, officer_title="See Remarks"),))
    rule = a_rule(roles=asked)

    assert verdict == met(rule, subject).verdict
    assert met(rule, subject).rows == (1 if verdict == "true" else None)


TICKS = {OwnerRole.DIRECTOR, OwnerRole.OFFICER, OwnerRole.TEN_PERCENT_OWNER, OwnerRole.OTHER}


def test_every_title_of_the_corpus_is_read() -> None:
    """As a person reads it."""
    for path in sorted(corpus().glob("*/*")):
        if path.suffix not in (".xml", ".txt", ".nc") or path.parent.name in ("xsd", "index"):
            continue
        document = parse(path.read_bytes())
        for owner in document.reporting_owners:
            if title := owner.relationship.officer_title:
                found = roles_of(owner, document).found - TICKS
                assert ROLES[title] == " ".join(sorted(found)), (path.name, title)
