"""What stands in a box, and what of it is known."""

from datetime import date
from decimal import Decimal

import pytest

from consumers.parser.document import parse
from service.model.ownership import OwnershipDocument
from service.wire import decode, encode
from tests.kit.builders import (
    a_purchase,
    a_signature,
    an_option,
    an_owner,
    an_ownership_xml,
    value,
)
from tests.parser.whole import flags, only_row

NO_NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e5",
    "1_000",
    "1,000",
    "$5",
    "1.2.3",
    "--1",
    "0x10",
    "1 000",
    "n/a",
    "٣",
    ".",
)


def test_a_document_without_oddities_has_no_flags() -> None:
    """What is reported as odd is odd."""
    document = parse(an_ownership_xml())

    assert () == document.flags
    assert {} == document.raw
    assert {} == document.unrecognised


def test_a_value_with_only_a_footnote_is_unknown_not_zero() -> None:
    """The box says "see F1": that is no price of 0."""
    price = value(None, "F1", "F2")
    notes = {"F1": "a range of prices", "F2": "and more"}
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=price)], footnotes=notes))

    assert row.transaction_price_per_share is None
    assert {"transaction_price_per_share": ("F1", "F2")} == row.footnotes


def test_a_value_of_zero_is_zero() -> None:
    """A price of 0 was filed, and is known."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionPricePerShare=value("0", "F1"))]))

    assert Decimal(0) == row.transaction_price_per_share


@pytest.mark.parametrize("digits", ["10.0000", "0.1", "123456789012.1234", "0.00000000000000000001", "1" * 30, "-5"])
def test_a_decimal_reaches_the_json_as_a_number_with_every_digit(digits: str) -> None:
    """No binary floating point on the way, no quotation marks around it."""
    data = an_ownership_xml(table_1=[a_purchase(transactionShares=value(digits))])
    encoded = encode(parse(data))

    assert f'"transaction_shares":{Decimal(digits)},'.encode() in encoded
    assert str(Decimal(digits)) == str(decode(encoded, OwnershipDocument).non_derivative_table[0].transaction_shares)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_decimal_number_is_unknown_kept_raw_and_flagged(text: str) -> None:
    """A number is never guessed at."""
    row = only_row(an_ownership_xml(table_1=[a_purchase(transactionShares=value(text))]))

    assert row.transaction_shares is None
    assert {"transaction_shares": text} == row.raw
    assert ["unreadable-value"] == flags(an_ownership_xml(table_1=[a_purchase(transactionShares=value(text))]))


@pytest.mark.parametrize("text", ["2025-03-01-05:00", "2025-03-01Z", "2025-03-01+14:00"])
def test_the_zone_of_a_date_is_cut_off_and_kept_raw(text: str) -> None:
    """A trading day has no zone; what was filed is still there."""
    document = parse(an_ownership_xml(period=text, table_1=[a_purchase(transactionDate=value(text))]))
    row = document.non_derivative_table[0]

    assert (date(2025, 3, 1), date(2025, 3, 1)) == (row.transaction_date, document.period_of_report)
    assert {"transaction_date": text} == row.raw
    assert {"period_of_report": text} == document.raw


@pytest.mark.parametrize(
    "text", ["03/01/2025", "2025-02-30", "2025-3-1", "20250301", "2025-W09-6", "2025-03-01T00:00:00"]
)
def test_what_is_no_date_is_unknown_kept_raw_and_flagged(text: str) -> None:
    """A date is never guessed at."""
    data = an_ownership_xml(table_1=[a_purchase(transactionDate=value(text))])

    assert only_row(data).transaction_date is None
    assert {"transaction_date": text} == only_row(data).raw
    assert ["unreadable-value"] == flags(data)


def test_booleans_of_all_four_spellings_mean_what_they_say() -> None:
    """One file mixes 0, 1, true and false."""
    roles = "<isDirector>1</isDirector><isOfficer>true</isOfficer><isTenPercentOwner>0</isTenPercentOwner>"
    owner = an_owner(roles=roles + "<isOther>false</isOther>")
    relationship = parse(an_ownership_xml(owners=[owner])).reporting_owners[0].relationship

    assert (True, True, False, False) == (
        relationship.is_director,
        relationship.is_officer,
        relationship.is_ten_percent_owner,
        relationship.is_other,
    )


@pytest.mark.parametrize(
    ("plan", "expected"), [("1", True), ("true", True), ("0", False), ("false", False), ("", None), (None, None)]
)
def test_the_10b5_1_box_is_checked_unchecked_or_not_there(plan: str | None, expected: bool | None) -> None:
    """Older versions have no such box: that is not "unchecked"."""
    assert expected is parse(an_ownership_xml(plan=plan)).aff10b5_one


def test_a_cik_gets_its_leading_zeros_and_keeps_what_was_filed() -> None:
    """One identity, however it was written."""
    document = parse(an_ownership_xml(issuer_cik="320193"))

    assert "0000320193" == document.issuer.issuer_cik
    assert {"issuer.issuer_cik": "320193"} == document.raw


def test_what_was_filed_is_kept_for_every_owner() -> None:
    """Two owners with short CIKs: the raw text of neither replaces the other's."""
    document = parse(an_ownership_xml(owners=[an_owner("11"), an_owner("22")], signatures=[a_signature()] * 2))

    assert ["0000000011", "0000000022"] == [owner.rpt_owner_cik for owner in document.reporting_owners]
    assert {"11", "22"} == set(document.raw.values())


def test_what_was_filed_is_kept_for_every_signature() -> None:
    """Two signatures dated with zones: the raw text of neither replaces the other's."""
    signatures = [a_signature("2025-03-03-05:00"), a_signature("2025-03-04-05:00")]
    document = parse(an_ownership_xml(owners=[an_owner(), an_owner("0009800002")], signatures=signatures))

    assert {"2025-03-03-05:00", "2025-03-04-05:00"} == set(document.raw.values())


def test_an_amendment_names_the_date_of_the_original() -> None:
    """A 4/A says when the original was filed, never its accession."""
    head = "<dateOfOriginalSubmission>2025-02-20</dateOfOriginalSubmission>"
    document = parse(an_ownership_xml(form="4/A", head=head))

    assert ("4/A", True, date(2025, 2, 20)) == (
        document.document_type,
        document.is_amendment,
        document.date_of_original_submission,
    )
    assert not parse(an_ownership_xml(form="4")).is_amendment


def test_a_document_without_rows_is_read() -> None:
    """An exit filing reports no transaction, only the box that says goodbye."""
    head = "<notSubjectToSection16>1</notSubjectToSection16>"
    document = parse(an_ownership_xml(head=head, table_1=[]))

    assert (True, (), ()) == (
        document.not_subject_to_section16,
        document.non_derivative_table,
        document.derivative_table,
    )


def test_rows_and_footnote_references_keep_their_order() -> None:
    """Row 2 of Table II is the second one filed."""
    strikes = ["30", "10", "20"]
    rows = [an_option(conversionOrExercisePrice=value(strike, "F2", "F1")) for strike in strikes]
    document = parse(an_ownership_xml(table_2=rows, footnotes={"F1": "one", "F2": "two"}))

    assert [Decimal(s) for s in strikes] == [row.conversion_or_exercise_price for row in document.derivative_table]
    assert [("F2", "F1")] * 3 == [row.footnotes["conversion_or_exercise_price"] for row in document.derivative_table]
    assert {"F1": "one", "F2": "two"} == document.footnotes


def test_comments_and_character_data_sections_do_not_tear_a_value_apart() -> None:
    """10<!-- -->00 is 1000, as for every reader of XML."""
    boxes = {"transactionShares": value("10<!-- x -->00"), "securityTitle": value("<![CDATA[A & B]]>")}
    row = only_row(an_ownership_xml(table_1=[a_purchase(**boxes)]))

    assert (Decimal(1000), "A & B") == (row.transaction_shares, row.security_title)
