"""The boxes above the tables: who reports, of which company, when."""

from collections.abc import Iterator

from service.model.ownership import OwnerAddress, OwnershipDocument, ReportingOwner

Line = tuple[str, str]
"""A box's number and name, and what stands in it; no name: a further line of the box before."""

TITLES = {
    "3": "Initial Statement of Beneficial Ownership of Securities",
    "4": "Statement of Changes in Beneficial Ownership",
    "5": "Annual Statement of Changes in Beneficial Ownership",
}
_NAMES = {  # the numbers that boxes have on each form
    "3": {
        "issuer": "3. Issuer",
        "period": "2. Date of Event",
        "original": "5. Original Filed",
        "relationship": "4. Relationship",
    },
    "4": {
        "issuer": "2. Issuer",
        "period": "3. Earliest Transaction",
        "original": "4. Original Filed",
        "relationship": "5. Relationship",
    },
    "5": {
        "issuer": "2. Issuer",
        "period": "3. Fiscal Year Ended",
        "original": "4. Original Filed",
        "relationship": "5. Relationship",
    },
}


def head(document: OwnershipDocument) -> Iterator[Line]:
    """The boxes of *document*, in the order in which they are read."""
    names = _NAMES[document.document_type[0]]
    issuer = document.issuer
    symbol = f" [{issuer.issuer_trading_symbol}]" if issuer.issuer_trading_symbol else ""
    foreign = f", abroad {issuer.issuer_foreign_trading_symbol}" if issuer.issuer_foreign_trading_symbol else ""
    for owner in document.reporting_owners:
        yield "1. Reporting Person", f"{owner.rpt_owner_name or 'no name given'}, CIK {owner.rpt_owner_cik}"
        for line in _address(owner.address):
            yield "", line
        yield names["relationship"], relationship(owner)
    yield names["issuer"], f"{issuer.issuer_name or 'no name given'}{symbol}{foreign}, CIK {issuer.issuer_cik}"
    period = document.period_of_report
    yield names["period"], period.isoformat() if period else "not stated"
    if document.is_amendment:
        original = document.date_of_original_submission
        yield names["original"], original.isoformat() if original else "not stated"
    owners = len(document.reporting_owners)
    yield (
        "6. Individual or Joint",
        "filed by one reporting person" if owners == 1 else f"filed by {owners} reporting persons",
    )


def checks(document: OwnershipDocument) -> Iterator[Line]:
    """The check boxes: a mark, and what it says."""
    boxes = (
        (document.not_subject_to_section16, "No longer subject to Section 16"),
        (document.aff10b5_one, "Made under a Rule 10b5-1(c) plan"),
        (document.no_securities_owned, "No securities are beneficially owned"),
        (document.form3_holdings_reported, "Form 3 holdings reported"),
        (document.form4_transactions_reported, "Form 4 transactions reported"),
    )
    for ticked, text in boxes:
        if ticked is not None:
            yield "[x]" if ticked else "[ ]", text


def relationship(owner: ReportingOwner) -> str:
    """All that is ticked, with the title."""
    held = owner.relationship
    ticks = (
        ("Director", held.is_director),
        ("10% Owner", held.is_ten_percent_owner),
        (f"Officer ({held.officer_title or 'no title given'})", held.is_officer),
        (f"Other ({held.other_text or 'not specified'})", held.is_other),
    )
    return ", ".join(text for text, ticked in ticks if ticked) or "no box is ticked"


def _address(address: OwnerAddress | None) -> Iterator[str]:
    if address is None:
        return
    yield from filter(None, (address.rpt_owner_street1, address.rpt_owner_street2))
    state = address.rpt_owner_state or address.rpt_owner_non_us_state_territory
    region = " ".join(filter(None, (state, address.rpt_owner_zip_code)))
    country = address.rpt_owner_country or address.rpt_owner_state_description
    place = ", ".join(filter(None, (address.rpt_owner_city, region, country)))
    if place:
        yield place
