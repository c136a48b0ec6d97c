"""What an amendment does to what it amends, by how the two differ; where rows leave it open, by what it says of itself.

Nothing is guessed: an amendment may say all again or only what is new, so a row that it leaves out proves nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from consumers.amendments.boxes import is_holding
from consumers.amendments.difference import Difference
from consumers.amendments.pairing import Tie
from consumers.amendments.version import Version
from consumers.amendments.words import AmendmentClaim, claims, of_itself
from service.model.amendment import Became, BoxChange, Effect, NoteChange
from service.model.past import Row
from service.words import counted, shortened

_QUOTED = 200  # characters of a sentence of the amendment
_NAMED = 3  # boxes that are named
_OWNED = frozenset({"shares_owned_following_transaction", "value_owned_following_transaction"})

_PUTS = {
    AmendmentClaim.CORRECTED: Effect.CORRECTS,
    AmendmentClaim.MISTAKEN: Effect.CORRECTS,
    AmendmentClaim.DELETED: Effect.CORRECTS,
    AmendmentClaim.OMITTED: Effect.ADDS,
}
"""What an amendment does by its own words, where its rows can be corrected or new."""

Said = tuple[Effect, str]
"""An effect, and why."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there is to go by."""

    found: Difference
    claims: dict[AmendmentClaim, str]
    open: bool  # rows that changed, or that are others
    changed: Sequence[Row]
    added: Sequence[Row]
    missing: Sequence[Row]

    @classmethod
    def of(cls, found: Difference) -> "_Seen":
        return cls(
            found=found,
            claims=claims(_own_words(found)),
            open=any(pair.tie is Tie.OPEN for pair in found.pairs),
            changed=found.new_rows(Became.CHANGED),
            added=found.new_rows(Became.ADDED),
            missing=found.old_rows(Became.MISSING),
        )

    def says(self, *wanted: AmendmentClaim) -> str | None:
        """The sentence of the amendment that makes one of these claims."""
        return next((f'"{shortened(self.claims[one], _QUOTED)}"' for one in wanted if one in self.claims), None)


def effect(found: Difference) -> Said:
    """What the amendment does, and why it is taken so."""
    seen = _Seen.of(found)
    return _withdrawn(seen) or (_of_rows(seen) if found.rows else _of_the_rest(seen))


def effect_alone(new: Version) -> Said:
    """The same, where nothing of what *new* amends is here."""
    told = claims([*(new.footnotes or {}).values(), new.remarks or ""])
    if AmendmentClaim.WITHDRAWN in told and not new.traded:
        return Effect.WITHDRAWS, f'It says: "{shortened(told[AmendmentClaim.WITHDRAWN], _QUOTED)}"'
    day = f"({new.amends}) is not here" if new.amends else "is not here, and its day is not stated"
    return Effect.UNCLEAR, f"The filing that it amends {day}."


def _own_words(found: Difference) -> Iterator[str]:
    """What the amendment says and what it amends does not; where that cannot be told, all that it says."""
    if found.compared:
        yield from (note.new for note in found.notes if note.new)
    else:
        yield from (found.new.footnotes or {}).values()
        yield found.new.remarks or ""


def _withdrawn(seen: _Seen) -> Said | None:
    found = seen.found
    again = any(not is_holding(table.news[pair.new]) for table in found.tables for pair in table.pairs)
    said = seen.says(AmendmentClaim.WITHDRAWN)
    if said and (not again or (not seen.changed and not seen.added)):
        return Effect.WITHDRAWS, f"It says: {said}"
    gone = [row for row in seen.missing if not is_holding(row)]
    if gone and not again and not found.new.traded:
        said = seen.says(AmendmentClaim.DELETED, AmendmentClaim.MISTAKEN)
        if said:
            return Effect.WITHDRAWS, f"No transaction is left, and it says: {said}"
    return None


def _of_rows(seen: _Seen) -> Said:
    if seen.open:
        return _open(seen)
    if seen.changed:
        return _changed(seen)
    if seen.added:
        return _added(seen)
    return _missing(seen)


def _open(seen: _Seen) -> Said:
    """Rows of the same day, code or title, and no number that tells whether they are the same."""
    for claim in seen.claims:  # the first that it makes
        if claim in _PUTS:
            return _PUTS[claim], f"Numbers differ, and it says: {seen.says(claim)}"
    return (
        Effect.UNCLEAR,
        "Its rows can correct the reported ones or stand beside them; nothing says which.",
    )


def _changed(seen: _Seen) -> Said:
    found = seen.found
    others = _others(seen)
    changed = [box for row in found.rows if row.change is Became.CHANGED for box in row.boxes]
    only_owned = all(box.box in _OWNED for box in changed)
    if seen.added and only_owned and not any(not is_holding(row) for row in seen.missing):
        return Effect.ADDS, f"{_new(seen)}; of the reported rows only the amounts owned afterwards differ."
    boxes = ", ".join(dict.fromkeys(box.name for box in changed[:_NAMED]))
    more = " and more" if len({box.name for box in changed}) > _NAMED else ""
    told = f"{counted(len(seen.changed), 'reported row')} {_differ(len(seen.changed))} ({boxes}{more})"
    return Effect.CORRECTS, f"{told}{others}."


def _others(seen: _Seen) -> str:
    told = [
        *([_new(seen)] if seen.added else []),
        *([f"{counted(len(seen.missing), 'row')} {_be(len(seen.missing))} not repeated"] if seen.missing else []),
    ]
    return f"; {' and '.join(told)}" if told else ""


def _added(seen: _Seen) -> Said:
    found = seen.found
    if not seen.missing or (found.same and all(map(is_holding, seen.missing))):
        return Effect.ADDS, f"{_new(seen)}; the reported rows are repeated unchanged."
    if found.same:
        gone = f"{counted(len(seen.missing), 'reported row')} {_be(len(seen.missing))} gone"
        return Effect.RESTATES, f"It restates the filing: {_new(seen)}, and {gone}."
    if said := seen.says(AmendmentClaim.OMITTED):
        return Effect.ADDS, f"{_new(seen)}, and it says: {said}"
    if said := seen.says(AmendmentClaim.DELETED, AmendmentClaim.CORRECTED, AmendmentClaim.MISTAKEN):
        return Effect.RESTATES, f"None of its rows matches a reported one, and it says: {said}"
    if _goes_on(seen):
        return Effect.ADDS, f"{_new(seen)}: the amount owned continues from the reported rows."
    return (
        Effect.UNCLEAR,
        "None of its rows matches a reported one, and nothing says whether they replace or join those.",
    )


def _missing(seen: _Seen) -> Said:
    found, rows = seen.found, f"{counted(len(seen.missing), 'row')} {_be(len(seen.missing))}"
    if said := seen.says(AmendmentClaim.DELETED, AmendmentClaim.MISTAKEN):
        return Effect.WITHDRAWS, f"{rows} gone, and it says: {said}"
    if said := seen.says(AmendmentClaim.CORRECTED):
        return Effect.CORRECTS, f"{rows} gone, and it says: {said}"
    effect, why = _of_the_rest(seen)
    if found.head or effect in (Effect.ADDS, Effect.CORRECTS) or all(map(is_holding, seen.missing)):
        return effect, f"{why} {rows} not repeated, and may stand."
    return Effect.UNCLEAR, f"{rows} not repeated, and nothing says whether that is taken back."


def _of_the_rest(seen: _Seen) -> Said:
    """Rows are repeated unchanged, or it has no rows."""
    return next(_of_notes(seen)) if not seen.found.head else _of_head(seen.found.head)


def _of_notes(seen: _Seen) -> Iterator[Said]:
    """What the notes tell, the surest first."""
    notes = [note for note in seen.found.notes if not _only_explains(note)]
    if any(note.old for note in notes):
        yield Effect.CORRECTS, f"No row differs; {_texts(notes)} {_differ(len(notes))}."
    if said := seen.says(AmendmentClaim.OMITTED):
        yield Effect.ADDS, f"No row differs, and it says: {said}"
    if notes and any(claims([note.new or ""]).keys() != {AmendmentClaim.ATTACHED} for note in notes):
        yield Effect.ADDS, f"No row differs; {_texts(notes)} {_be(len(notes))} new."
    if said := seen.says(AmendmentClaim.ATTACHED):
        yield Effect.ADDS, f"No row differs, and it says: {said}"
    if said := seen.says(AmendmentClaim.CORRECTED, AmendmentClaim.MISTAKEN):
        yield Effect.CORRECTS, f"No row differs, but it says: {said}"
    if not seen.found.compared:
        yield Effect.UNCLEAR, "No row differs; the footnotes and remarks that it amends are not kept here."
    yield Effect.RESTATES, "Nothing that it reports differs: rows, boxes and footnotes are the same."


def _of_head(changes: Sequence[BoxChange]) -> Said:
    names = ", ".join(dict.fromkeys(change.name for change in changes))
    if all(change.box == "rpt_owner_cik" and change.old is None for change in changes):
        return Effect.ADDS, "No row differs; an owner is new."
    return Effect.CORRECTS, f"No row differs; above them {names} {_differ(1)}."


def _only_explains(note: NoteChange) -> bool:
    """Whether *note* is new and says why the amendment is filed: that changes nothing by itself."""
    return note.old is None and note.new is not None and of_itself(note.new)


def _goes_on(seen: _Seen) -> bool:
    """Whether every row that is new counts on from one that was reported, or from another new one."""
    owned = {
        row.shares_owned_following_transaction
        for rows in (*seen.found.old.tables.values(), *seen.found.new.tables.values())
        for row in rows
    } - {None}
    traded = [row for row in seen.added if not is_holding(row)]
    return bool(traded) and all(_before(row) in owned for row in traded)


def _before(row: Row) -> object:
    shares, after = getattr(row, "transaction_shares", None), row.shares_owned_following_transaction
    if shares is None or after is None:
        return None
    gone = getattr(row, "transaction_acquired_disposed_code", None) == "D"
    return after + shares if gone else after - shares


def _new(seen: _Seen) -> str:
    return f"{counted(len(seen.added), 'row')} {_be(len(seen.added))} new"


def _texts(notes: Sequence[NoteChange]) -> str:
    numbers = [note.number or "the remarks" for note in notes]
    footnotes = [number for number in numbers if number != "the remarks"]
    told = f"footnote{'s' if len(footnotes) > 1 else ''} {', '.join(footnotes)}" if footnotes else ""
    return " and ".join(part for part in (told, "the remarks" if "the remarks" in numbers else "") if part)


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _differ(number: int) -> str:
    return "differs" if number == 1 else "differ"
