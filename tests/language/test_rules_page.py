"""docs/rules.md says of kinds, measures and keys what the code does."""

import re
from itertools import product

from consumers.language.rules import RuleSection, WatchlistSection
from consumers.matcher.facts.boxes import BOXES, RESTS_ON
from consumers.matcher.facts.rows import facts_of
from consumers.matcher.predicates import PREDICATES
from service.model.fact import USD, Kind, Measure
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


def test_every_measure_has_its_unit_and_boxes() -> None:
    """As the evidence of alerts names them."""
    for name, (unit, first, second, _) in rows_below("measure").items():
        measure = Measure(name)
        counted = "calendar days" if measure is Measure.FILING_LAG else "count"
        assert ("US dollars" if measure in USD else counted) == unit
        for table, told in (("I", first), ("II", second)):
            rests_on = RESTS_ON[measure]
            boxes = dict.fromkeys(BOXES[table][box] for box in rests_on if box in BOXES[table])
            assert (", ".join(boxes) or "-") == told, name
    assert set(Measure) == set(map(Measure, rows_below("measure")))


def test_every_key_is_explained() -> None:
    """Of rules in the table, of watchlists in the text."""
    told = set(rows_below("key"))
    assert told <= set(RuleSection.keys())
    assert set(RuleSection.keys()) - PREDICATES.keys() <= told  # tests/language/test_predicates.py has the others
    assert all(f"`{key}`" in PAGE for key in WatchlistSection.model_fields)
