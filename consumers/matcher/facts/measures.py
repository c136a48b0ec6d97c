"""The numbers of a row, as they are filed or follow from two boxes."""

from collections.abc import Mapping

from consumers.matcher.facts.boxes import RESTS_ON
from consumers.matcher.facts.fact import FactType, OfRow, Type, Unit
from service.model.fact import Measure
from service.model.ownership import Box

_SAID: Mapping[Measure, tuple[Unit, str, str]] = {
    Measure.SHARES: (Unit.SHARES, "Shares, or derivative securities, that changed hands", "200000"),
    Measure.PRICE: (Unit.USD, "Paid or received for each of them", "10.25"),
    Measure.VALUE: (Unit.USD, "Shares x price, or the total that was filed instead", "2050000"),
    Measure.STRIKE: (Unit.USD, "Conversion or exercise price of one underlying share", "2.91"),
    Measure.UNDERLYING_SHARES: (Unit.SHARES, "Shares that the derivative securities are for", "200000"),
    Measure.EXERCISE_VALUE: (Unit.USD, "Strike x underlying shares", "582000"),
    Measure.OWNED_AFTER: (Unit.SHARES, "Owned after the transaction, in the same line of the form", "500000"),
    Measure.FILING_LAG: (Unit.DAYS, "Calendar days from the trade to the filing", "2"),
}


def _read(measure: Measure) -> OfRow:
    return lambda _, row: row.measures.get(measure)


TABLE: tuple[FactType, ...] = tuple(
    FactType(
        name=measure.value,
        type=Type.NUMBER,
        unit=unit,
        meaning=meaning,
        example=example,
        boxes=tuple(map(Box, RESTS_ON[measure])),
        of_row=_read(measure),
    )
    for measure, (unit, meaning, example) in _SAID.items()
)
