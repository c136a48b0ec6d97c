"""The boxes above the tables: who reports, of which company, when, and what is ticked."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from service.model.ownership import OwnerAddress, OwnershipDocument, ReportingOwner

TITLES = {
    "3": "Initial Statement of Beneficial Ownership of Securities",
    "4": "Statement of Changes in Beneficial Ownership",
    "5": "Annual Statement of Changes in Beneficial Ownership",
}
_ON_EACH = {"owner": "1. Reporting Person", "joint": "6. Individual or Joint"}
NAMES: Mapping[str, Mapping[str, str]] = {
    "3": {
        **_ON_EACH,
        "issuer": "3. Issuer",
        "period": "2. Date of Event",
        "original": "5. Original Filed",
        "relationship": "4. Relationship",
    },
    "4": {
        **_ON_EACH,
        "issuer": "2. Issuer",
        "period": "3. Earliest Transaction",
        "original": "4. Original Filed",
        "relationship": "5. Relationship",
    },
    "5": {
        **_ON_EACH,
        "issuer": "2. Issuer",
        "period": "3. Fiscal Year Ended",
        "original": "4. Original Filed",
        "relationship": "5. Relationship",
    },
}
"""What the boxes are called on each form, with their numbers."""


class Tick(Struct, frozen=True, kw_only=True):
    """A box that can be ticked."""

    box: str  # the field's name
    text: str
    ticked: bool | None  # None: it says neither yes nor no


class Owner(Struct, frozen=True, kw_only=True):
    """Box 1 and what the form asks about each reporting person."""

    name: str | None
    cik: str
    address: tuple[str, ...]  # line by line; empty: none was filed
    address_ticks: tuple[Tick, ...]  # what is ticked about it, where the form has it
    relationship: tuple[Tick, ...]
    title: str | None  # of an officer
    other: str | None  # what somebody is who is something else


class Head(Struct, frozen=True, kw_only=True):
    """What stands above the tables, and the name of each of its boxes on this form."""

    names: Mapping[str, str]
    owners: tuple[Owner, ...]
    issuer: str  # its name
    cik: str
    symbol: str | None  # as filed
    foreign_symbol: str | None
    period: str | None
    original: str | None  # the day of what is amended; None: not stated, or this is no amendment
    joint: str
    ticks: tuple[Tick, ...]  # those boxes of the form that this version of it has


def head(document: OwnershipDocument) -> Head:
    """What stands above the tables of *document*."""
    issuer, owners = document.issuer, len(document.reporting_owners)
    period, original = document.period_of_report, document.date_of_original_submission
    return Head(
        names=NAMES[document.document_type[0]],
        owners=tuple(map(_owner, document.reporting_owners)),
        issuer=issuer.issuer_name or "no name given",
        cik=issuer.issuer_cik,
        symbol=issuer.issuer_trading_symbol,
        foreign_symbol=issuer.issuer_foreign_trading_symbol,
        period=str(period) if period else None,
        original=str(original) if original else None,
        joint="filed by one reporting person" if owners == 1 else f"filed by {owners} reporting persons",
        ticks=tuple(_ticks(document)),
    )


def _ticks(document: OwnershipDocument) -> Iterator[Tick]:
    boxes = {
        "not_subject_to_section16": "No longer subject to Section 16",
        "aff10b5_one": "Made under a Rule 10b5-1(c) plan",
        "no_securities_owned": "No securities are beneficially owned",
        "form3_holdings_reported": "Form 3 holdings reported",
        "form4_transactions_reported": "Form 4 transactions reported",
    }
    for box, text in boxes.items():
        ticked = getattr(document, box)
        if ticked is not None or box in document.raw:
            yield Tick(box=box, text=text, ticked=ticked)


def _owner(owner: ReportingOwner) -> Owner:
    held = owner.relationship
    return Owner(
        name=owner.rpt_owner_name,
        cik=owner.rpt_owner_cik,
        address=tuple(_address(owner.address)),
        address_ticks=tuple(_address_ticks(owner.address)),
        relationship=(
            Tick(box="is_director", text="Director", ticked=held.is_director),
            Tick(box="is_ten_percent_owner", text="10% Owner", ticked=held.is_ten_percent_owner),
            Tick(box="is_officer", text="Officer", ticked=held.is_officer),
            Tick(box="is_other", text="Other", ticked=held.is_other),
        ),
        title=held.officer_title,
        other=held.other_text,
    )


def _address(address: OwnerAddress | None) -> Iterator[str]:
    if address is None:
        return
    yield from filter(None, (address.rpt_owner_street1, address.rpt_owner_street2))
    state = address.rpt_owner_state or address.rpt_owner_non_us_state_territory
    region = " ".join(filter(None, (state, address.rpt_owner_zip_code)))
    countries = dict.fromkeys((address.rpt_owner_country, address.rpt_owner_state_description))
    city = (address.rpt_owner_city or "").rstrip(", ")  # many are filed with their comma
    place = ", ".join(filter(None, (city, region, *countries)))
    if place:
        yield place


def _address_ticks(address: OwnerAddress | None) -> Iterator[Tick]:
    if address is None:
        return
    boxes = {"rpt_owner_good_address": "Good address", "rpt_owner_non_us_address_flag": "Non-US address"}
    for box, text in boxes.items():
        ticked = getattr(address, box)
        if ticked is not None:
            yield Tick(box=box, text=text, ticked=ticked)
