"""One line that says what happened."""

from decimal import Decimal

from consumers.matcher.headline import headline
from consumers.matcher.headline.group import groups_of
from service.model.fact import Kind, Measure, SecurityClass
from service.model.flag import FlagCode
from service.model.ownership import TransactionCode
from tests.kit.documents import a_row, a_subject, an_option, an_owner
from tests.matcher.headlines import CASES, SNAPSHOT, codes, lines, sale


def test_every_headline_is_as_it_was_read_and_found_good() -> None:
    """`python -m tests.matcher.headlines > tests/matcher/headlines.txt` writes them anew; read what changed."""
    assert SNAPSHOT.read_text(encoding="utf-8").splitlines() == list(lines())


def test_the_headlines_are_of_every_kind_and_every_code() -> None:
    """What is missing there, nobody has read."""
    rows = [row for subject in CASES.values() for row in subject.facts]

    assert {*Kind} == {row.kind for row in rows}
    assert {*TransactionCode, None} == codes()
    assert {*SecurityClass} - {row.security_class for row in rows} == set()


def test_what_was_paid_is_never_the_strike() -> None:
    """A warrant with a strike of a cent, bought at $20.20, cost $20.20."""
    line = headline(CASES["purchase of a warrant"], CASES["purchase of a warrant"].facts)

    assert line.endswith("bought 2,500,000 Warrants at $20.20 for $50,500,000")
    assert "0.01" not in line


def test_only_the_rows_that_met_the_rule_are_told() -> None:
    """A rule for sales says nothing of the exercise beside them."""
    subject = CASES["exercise, part sold"]
    sales = [row for row in subject.facts if row.kind is Kind.SALE]

    assert headline(subject, sales).endswith("(director) sold 6,000 shares of Common Stock at $45 for $270,000")


def test_what_became_of_all_exercises_is_not_told_of_one() -> None:
    """Of two tranches the rule met one: the shares of both went together."""
    subject = CASES["exercise of two grants"]
    first = [row for row in subject.facts if row.kind is Kind.EXERCISE][:1]

    assert "(all kept)" in headline(subject, subject.facts)
    assert "kept" not in headline(subject, first)


def test_shares_withheld_of_something_else_are_told_beside_the_exercise() -> None:
    """What became of the exercise says nothing of another class, or of a vesting before."""
    for case, told in (
        ("exercise, and another class withheld", "$225,000"),
        ("vesting, and shares withheld", "$329,445"),
    ):
        (subject,) = (subject for name, subject in CASES.items() if name.startswith(case))

        assert told in headline(subject, subject.facts)


def test_what_a_vesting_brought_is_told_where_it_is_another_number() -> None:
    """Performance units pay 150 %: 18,000 shares for 12,000 units."""
    for case in ("vesting of more than was awarded", "vesting into other units"):
        assert "18,000" in headline(CASES[case], CASES[case].facts)


def test_a_sum_of_thirty_digits_is_as_it_was_filed() -> None:
    """Filers write that many, and a headline rounds none of them away."""
    (group,) = groups_of(a_subject(sale("1" * 30, None), sale("1" * 30, None)).facts)

    assert Decimal("2" * 30) == group.total(Measure.SHARES)


def test_the_average_is_weighted_by_shares() -> None:
    """1,000 at $10 and 3,000 at $20 are on average $17.50."""
    (group,) = groups_of(a_subject(a_row("P", "1000", "10"), a_row("P", "3000", "20")).facts)

    assert Decimal("17.5") == group.average_price


def test_rows_of_different_securities_kinds_and_directions_are_not_summed() -> None:
    """Class A is not class B, a purchase no sale, Table I not Table II."""
    rows = [a_row("P"), a_row("P", security_title="Class B Common Stock"), sale("1", "1"), an_option("P")]

    assert [1, 1, 1, 1] == [len(group.rows) for group in groups_of(a_subject(*rows).facts)]


def test_what_is_doubtful_is_said_and_never_multiplied() -> None:
    """A price of $60 million a share is no price, and no value is made of it."""
    subject = a_subject(a_row("P", "175", "60000000"))
    line = headline(subject, subject.facts)

    assert [FlagCode.ABSURD_PRICE] == [flag.code for flag in subject.facts[0].flags]
    assert line.endswith("bought 175 shares of Common Stock (price in doubt)")


def test_owners_without_a_name_or_role_are_told_by_their_number() -> None:
    """Box 5 may be left empty."""
    subject = a_subject(a_row(), reporting_owners=(an_owner("", is_director=False),))

    assert ": 0009800001 bought" in headline(subject, subject.facts)
