"""What stands above the tables, compared: who reports, as what, of which company, for which day, and the ticks."""

from collections.abc import Iterator

from consumers.amendments.boxes import exact
from consumers.amendments.version import Version
from consumers.form.head import NAMES
from consumers.titles import folded
from service.model.amendment import BoxChange
from service.model.filing import Cik
from service.model.ownership import Box, OwnerAddress, ReportingOwner

_TICKS = {
    "is_director": "director",
    "is_officer": "officer",
    "is_ten_percent_owner": "10% owner",
    "is_other": "other",
}


def differing(old: Version, new: Version) -> Iterator[BoxChange]:
    """The boxes above the tables in which *new* says something else than *old*."""
    names = NAMES[new.form[0]]
    yield from _owners(old, new)
    yield from _box("issuer_name", names["issuer"], old.company, new.company)
    yield from _box("issuer_trading_symbol", f"{names['issuer']}: symbol", old.symbol, new.symbol)
    yield from _box("period_of_report", names["period"], exact(old.period), exact(new.period))
    yield from _box("aff10b5_one", "10b5-1 box", *(exact(bool(one.plan)) for one in (old, new)))
    yield from _box("not_subject_to_section16", "Exit box", *(exact(bool(one.left)) for one in (old, new)))


def _owners(old: Version, new: Version) -> Iterator[BoxChange]:
    names = NAMES[new.form[0]]
    before = {owner.rpt_owner_cik: owner for owner in old.owners}
    after = {owner.rpt_owner_cik: owner for owner in new.owners}
    for cik in dict.fromkeys((*before, *after)):
        if cik not in after:
            yield _whole(cik, before[cik], None)
        elif cik not in before:
            yield _whole(cik, None, after[cik])
        else:
            then, now = before[cik], after[cik]
            whose = f" of {now.rpt_owner_name or cik}" if len(after) > 1 else ""
            yield from _box("rpt_owner_name", f"{names['owner']}{whose}", then.rpt_owner_name, now.rpt_owner_name)
            yield from _box("relationship", f"{names['relationship']}{whose}", _role(then), _role(now))
            if old.whole and new.whole:
                there, here = _address(then.address), _address(now.address)
                yield from _box("reporting_owner_address", f"{names['owner']}{whose}: address", there, here)


def _whole(cik: Cik, old: ReportingOwner | None, new: ReportingOwner | None) -> BoxChange:
    told = [None if one is None else f"{one.rpt_owner_name or 'no name given'}, CIK {cik}" for one in (old, new)]
    return BoxChange(box=Box("rpt_owner_cik"), name=NAMES["4"]["owner"], old=told[0], new=told[1])


def _box(box: str, name: str, old: str | None, new: str | None) -> Iterator[BoxChange]:
    if folded(old) != folded(new):
        yield BoxChange(box=Box(box), name=name, old=old, new=new)


def _role(owner: ReportingOwner) -> str | None:
    """All that is ticked in box 5, with the title."""
    ticked = owner.relationship
    texts = {"is_officer": ticked.officer_title, "is_other": ticked.other_text}
    said = [
        f"{word}: {texts[name]}" if texts.get(name) else word for name, word in _TICKS.items() if getattr(ticked, name)
    ]
    return "; ".join(said) or None


def _address(address: OwnerAddress | None) -> str | None:
    if address is None:
        return None
    parts = (getattr(address, name) for name in address.__struct_fields__ if not name.endswith(("flag", "address")))
    return ", ".join(part for part in parts if part) or None
