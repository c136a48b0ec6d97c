"""What is odd is flagged, what is unknown is kept."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from consumers.parser.document import parse
from service.model.errors import UnusableDocument, UnusableReason
from service.model.flag import FlagCode
from service.model.ownership import Box
from service.wire import encode
from tests.kit.builders import (
    a_purchase,
    an_option,
    an_owner,
    an_ownership_xml,
    value,
)
from tests.parser.whole import flags, only_row

ODD: dict[FlagCode, Callable[[], bytes]] = {
    FlagCode.DIRECTION: lambda: an_ownership_xml(table_1=[a_purchase(transactionAcquiredDisposedCode=value("D"))]),
    FlagCode.IMPOSSIBLE_DATE: lambda: an_ownership_xml(table_1=[a_purchase(transactionDate=value("2035-03-01"))]),
    FlagCode.PHANTOM_VALUE: lambda: an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=value("9" * 12))]),
    FlagCode.NEGATIVE: lambda: an_ownership_xml(table_1=[a_purchase(transactionShares=value("-5"))]),
    FlagCode.NO_SYMBOL: lambda: an_ownership_xml(symbol="n/a"),
    FlagCode.ROW_CAP: lambda: an_ownership_xml(table_1=[a_purchase()] * 30),
    FlagCode.SIGNATURES: lambda: an_ownership_xml(signatures=[]),
    FlagCode.UNREADABLE_VALUE: lambda: an_ownership_xml(table_1=[a_purchase(transactionCode="Q")]),
    FlagCode.UNRECOGNISED: lambda: an_ownership_xml(tail="<newBox>x</newBox>"),
    FlagCode.DANGLING_FOOTNOTE: lambda: an_ownership_xml(table_1=[a_purchase(transactionShares=value("1", "F7"))]),
    FlagCode.ENCODING: lambda: an_ownership_xml(tail="<remarks>café</remarks>", encoding="cp1252"),
    FlagCode.MALFORMED: lambda: an_ownership_xml(tail="<remarks>this & that</remarks>"),
    FlagCode.CREDENTIAL: lambda: an_ownership_xml(owners=[an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]),
}
WHERE = {
    FlagCode.DIRECTION: "Table I row 1",
    FlagCode.IMPOSSIBLE_DATE: "Table I row 1",
    FlagCode.PHANTOM_VALUE: "Table I row 1",
    FlagCode.NEGATIVE: "Table I row 1",
    FlagCode.ROW_CAP: "Table I",
    FlagCode.UNREADABLE_VALUE: "Table I row 1",
    FlagCode.DANGLING_FOOTNOTE: "Table I row 1",
}


@pytest.mark.parametrize("code", ODD)
def test_each_oddity_is_flagged_alone_and_where_it_stands(code: FlagCode) -> None:
    """One oddity, one flag: a message for a person, and the place where it has one."""
    (flag,) = parse(ODD[code]()).flags

    assert code is flag.code
    assert flag.message
    assert flag.where == WHERE[code] if code in WHERE else flag.where in (None, "owner")


@pytest.mark.parametrize("day", ["0022-05-01", "1933-01-01", "2035-01-01"])
def test_a_date_before_section_16_or_after_the_signature_is_flagged_not_repaired(day: str) -> None:
    """Filers mistype years; the date stays as filed."""
    data = an_ownership_xml(table_1=[a_purchase(transactionDate=value(day))])

    assert ["impossible-date"] == flags(data)
    assert date.fromisoformat(day) == only_row(data).transaction_date


def test_flags_come_in_the_order_of_the_document() -> None:
    """The same bytes give the same event, on every machine and in every run."""
    cited = [f"F{number}" for number in range(1, 10)]
    document = parse(an_ownership_xml(table_1=[a_purchase(transactionShares=value("1", *cited))]))

    assert cited == [flag.message.split()[1] for flag in document.flags]


def test_an_unknown_element_is_kept_by_its_path() -> None:
    """A newer version's boxes are not lost on an older parser."""
    row = a_purchase(more="<newBox><value>5</value></newBox>")
    owner = an_owner(more_id="<newId>x</newId>")
    document = parse(an_ownership_xml(owners=[owner], table_1=[row], tail="<newLeaf>y</newLeaf>"))

    assert {"owner 1/newId": "x", "Table I row 1/newBox": "5", "newLeaf": "y"} == document.unrecognised


def test_a_box_that_says_two_things_says_nothing() -> None:
    """Which of them counts, nobody can tell: rules take it as unknown, and both are kept."""
    row = a_purchase(more="<transactionShares><value>7</value></transactionShares>")
    document = parse(an_ownership_xml(table_1=[row], tail="<aff10b5One>1</aff10b5One>"))
    (read,) = document.non_derivative_table

    assert (None, None) == (read.transaction_shares, document.aff10b5_one)
    assert ("1000", "0") == (read.raw[Box("transaction_shares")], document.raw[Box("aff10b5_one")])
    assert {"Table I row 1/transactionShares": "7", "aff10b5One": "1"} == document.unrecognised
    assert FlagCode.UNREADABLE_VALUE in {flag.code for flag in document.flags if flag.where == "Table I row 1"}


def test_a_box_that_says_one_thing_twice_says_it() -> None:
    """And of a text that stands there twice the first one counts."""
    row = a_purchase(more="<transactionShares><value>1000</value></transactionShares>")
    document = parse(an_ownership_xml(table_1=[row], tail="<remarks>one</remarks><remarks>two</remarks>"))

    assert (Decimal(1000), "one") == (document.non_derivative_table[0].transaction_shares, document.remarks)
    assert {"Table I row 1/transactionShares": "1000", "remarks": "two"} == document.unrecognised


KEPT = {
    "an-unknown-leaf": {"tail": "<newBox>KEEP</newBox>"},
    "an-unknown-group": {"tail": "<newGroup>\n <a>KEEP</a>\n</newGroup>"},
    "an-unknown-group-with-spaces": {"tail": '<newGroup xml:space="preserve"> <a>KEEP</a></newGroup>'},
    "in-remarks": {"tail": "<remarks>See <b>KEEP</b> below</remarks>"},
    "in-footnotes": {"tail": "<footnotes><newNote>KEEP</newNote></footnotes>"},
    "in-a-table": {"tail": "<nonDerivativeTable><newRow><value>KEEP</value></newRow></nonDerivativeTable>"},
    "in-a-row": {"table_1": [a_purchase(more="<newBox>KEEP</newBox>")]},
    "deep-in-a-row": {"table_1": [a_purchase(more="<newBox><deep><value>KEEP</value></deep></newBox>")]},
    "a-leaf-in-an-owner": {"owners": [an_owner(more="<newBox>KEEP</newBox>")]},
    "a-group-in-an-owner": {"owners": [an_owner(more="<newGroup><newBox>KEEP</newBox></newGroup>")]},
    "an-owner's-second-id": {
        "owners": [
            an_owner(more="<reportingOwnerId><rptOwnerName>KEEP</rptOwnerName></reportingOwnerId>").replace(
                "DOE JANE", "KEEP"
            )
        ]
    },
    "an-owner's-second-address": {
        "owners": [
            an_owner(
                more="<reportingOwnerAddress><rptOwnerStreet1>KEEP</rptOwnerStreet1></reportingOwnerAddress>"
            ).replace("1 MAIN ST", "KEEP")
        ]
    },
    "a-second-issuer": {"head": "<issuer><issuerCik>0009900009</issuerCik><issuerName>KEEP</issuerName></issuer>"},
}


@pytest.mark.parametrize("given", KEPT.values(), ids=KEPT)
def test_no_element_is_lost(given: dict) -> None:
    """What has no field, or stands twice, is still in the JSON."""
    data = an_ownership_xml(**given)
    document = msgspec.structs.replace(parse(data), flags=())  # a message may cite a value, but keeps none

    assert data.count(b"KEEP") <= encode(document).count(b"KEEP")


@pytest.mark.parametrize(
    "row",
    [
        an_option(),
        a_purchase().replace("nonDerivativeTransaction", "nonDerivativeHolding"),
        a_purchase().replace("</nonDerivativeTransaction>", f"{a_purchase()}</nonDerivativeTransaction>"),
        a_purchase().replace("nonDerivativeTransaction", "newTransaction"),
    ],
    ids=["of-the-other-table", "as-a-holding", "within-another", "as-something-new"],
)
def test_a_transaction_that_has_no_place_in_its_table_makes_the_document_unusable(row: str) -> None:
    """As where its table is unknown: an alert can hang on it, and a dead letter is told to operations."""
    with pytest.raises(UnusableDocument) as refused:
        parse(an_ownership_xml(table_1=[a_purchase(), row]))

    assert UnusableReason.UNKNOWN_ROWS is refused.value.reason


def test_an_unknown_element_in_a_box_does_not_hide_its_value() -> None:
    """A newer version may put something before the value; the value is still the box's."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionShares="<newMark>x</newMark>" + value("1000"))]))

    assert Decimal(1000) == row.transaction_shares


@pytest.mark.parametrize(
    "given",
    [
        {"owners": [an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {"owners": [an_owner(more="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {"tail": "<rptOwnerCcc>s3cret$x</rptOwnerCcc>"},
        {"tail": "<filerCredentials><rptOwnerCcc>s3cret$x</rptOwnerCcc></filerCredentials>"},
        {"table_1": [a_purchase(more="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")]},
        {
            "root": 'ownershipDocument xmlns="urn:x"',
            "owners": [an_owner(more_id="<rptOwnerCcc>s3cret$x</rptOwnerCcc>")],
        },
        {"tail": '<x:rptOwnerCcc xmlns:x="urn:x">s3cret$x</x:rptOwnerCcc>'},
    ],
    ids=["in-the-owner's-id", "in-the-owner", "in-the-document", "in-a-group", "in-a-row", "namespaced", "alone-so"],
)
def test_a_credential_is_left_out_and_flagged_wherever_it_stands(given: dict) -> None:
    """A filer's EDGAR access code is never passed on."""
    document = parse(an_ownership_xml(**given))

    assert b"s3cret" not in encode(document)
    assert FlagCode.CREDENTIAL in [flag.code for flag in document.flags]
