"""docs/rules.md says of kinds and keys what the code does."""

import re
from itertools import product

import pytest

from consumers import configuration as configfile
from consumers.language.groups import RuleSection
from consumers.language.possible import doubts
from consumers.language.rules import WatchlistSection
from consumers.matcher.match import CompiledRule
from consumers.matcher.predicates import PREDICATES
from consumers.matcher.rows import facts_of
from service.model.fact import Kind
from service.model.ownership import NonDerivativeTransaction, TransactionCode
from tests.kit.documents import DISPOSED, GONE, ONE_OF_EACH, a_document, a_filing, a_row, an_option
from tests.kit.places import DOCS

PAGE = (DOCS / "rules.md").read_text()


def rows_below(heading: str) -> dict[str, list[str]]:
    """The table whose first column is called *heading*, by that column's names."""
    table = PAGE.split(f"| {heading} |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {name: rest for first, *rest in cells for name in re.findall(r"`([^`]+)`", first)}


def codes_and_tables() -> dict[Kind, set[tuple[str, str]]]:
    """The codes and tables of every kind, by the code that reads rows."""
    found: dict[Kind, set[tuple[str, str]]] = {kind: set() for kind in Kind}
    for code, beside in product([None, *TransactionCode], [True, False]):
        share = a_row(transaction_code=code)
        option = an_option(transaction_code=code)
        rows_of = [[share, option]] if beside else [[share], [option]]
        if beside:
            sides = [an_option(transaction_code=code), an_option(transaction_code=code, **DISPOSED)]
            rows_of += [sides, [a_row(transaction_code=code, **GONE)], [an_option(transaction_code=code, **GONE)]]
            for title in ONE_OF_EACH.values():
                rows_of += [[make(transaction_code=code, security_title=title)] for make in (a_row, an_option)]
        for rows in rows_of:
            for fact in facts_of(a_document(*rows), a_filing().filed_on):
                table = "I" if isinstance(fact.transaction, NonDerivativeTransaction) else "II"
                found[fact.kind].add((str(code or "none"), f"Table {table}"))
    return found


def test_every_kind_has_its_codes_and_tables() -> None:
    """And no other."""
    told = {
        Kind(name): set(product(codes.split(", "), tables.split(", ")))
        for name, (codes, tables, _) in rows_below("kind").items()
    }

    assert set(Kind) == set(told)
    for kind, pairs in codes_and_tables().items():
        assert {code for code, _ in pairs} == {code for code, _ in told[kind]}, kind
        assert {table for _, table in pairs} == {table for _, table in told[kind]}, kind


def examples() -> list[str]:
    """The rules that the page shows."""
    return [block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if block.startswith("rules:")]


@pytest.mark.parametrize("text", examples(), ids=[text.split()[1] for text in examples()])
def test_every_example_can_be_used(text: str) -> None:
    """As it is printed, beside channels and a watchlist of these names."""
    beside = "channels: {desk: {type: slack, url: 'https://x.test/'}, ops: {type: slack, url: 'https://x.test/'}}\n"
    configuration = configfile.parse(f"{beside}watchlists: {{ours: {{tickers: AAPL}}}}\n{text}", "rules.md", {})

    assert all(CompiledRule.of(rule).claims for rule in configuration.rules)
    assert not [doubt for rule in configuration.rules for doubt in doubts(rule)]


def test_the_examples_use_every_way_to_ask() -> None:
    """Groups, sums, expressions, priorities and exclusions."""
    page = "".join(examples())
    assert all(f"{key}:" in page for key in ("any_of", "not", "exclude", "per", "when", "priority", "amendments"))


def test_every_key_is_explained() -> None:
    """Of rules in the table, of watchlists in the text."""
    told = set(rows_below("key"))
    assert told <= set(RuleSection.keys())
    assert set(RuleSection.keys()) - PREDICATES.keys() <= told  # tests/language/test_predicates.py has the others
    assert {key for key in set(WatchlistSection.keys()) if f"`{key}`" not in PAGE} == set()
