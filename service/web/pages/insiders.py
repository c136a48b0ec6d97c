"""A company with what its insiders did, and an insider with what they did at each company."""

from collections.abc import Sequence

from msgspec import Struct

from consumers.matcher.dealings import Deal, Holding
from service.control import profiles
from service.control.profiles import AtCompany
from service.model.errors import NotFound
from service.model.fact import Kind
from service.model.filing import Cik, central_index_key
from service.model.person import Scope
from service.store.history_walk import Place, WhichFilings
from service.web.pages import plots
from service.web.pages.filing.view import company_page
from service.web.pages.narrowing import Narrowing
from service.web.pages.page import Look, Moved, Page, Shown
from service.web.pages.plots import Figure
from service.web.pages.tape import TapeRow, row_of
from service.web.paging import behind, part

_SIZE = 25  # filings on a page
_DEALS = 20  # that are told in a table
_LINES = 12  # of holdings, likewise
_COMPANIES = 6  # of an insider that are told whole


class Sums(Struct, frozen=True, kw_only=True):
    """What deals of a kind come to."""

    kind: Kind
    deals: Sequence[Deal]

    @property
    def dollars(self) -> object:
        """As far as they state it."""
        return sum(one.value for one in self.deals if one.value is not None)


class InsiderAt(Struct, frozen=True, kw_only=True):
    """An insider at a company."""

    told: AtCompany
    figure: Figure | None
    deals: Sequence[Deal]
    holdings: Sequence[Holding]


async def company(look: Look) -> Shown | Moved:
    """What insiders bought and sold, who they are, and every filing."""
    cik = _cik(look.path["company"])
    if cik != look.path["company"]:
        return Moved(to=f"/companies/{cik}")
    found = await profiles.company(look.context.database, cik, look.context.clock.now())
    asked, rows, following = await _filings(look, f"/companies/{cik}", WhichFilings(issuer=cik))
    return Shown(
        template="company.html",
        values={
            "company": found,
            "sums": [
                Sums(kind=kind, deals=[one for one in found.deals if one.kind is kind])
                for kind in (Kind.PURCHASE, Kind.SALE)
            ],
            "figure": plots.prices(found.deals, found.names),
            "deals": found.deals[:_DEALS],
            "asked": asked,
            "rows": rows,
            "next": following,
            "elsewhere": company_page(cik),
        },
    )


async def insider(look: Look) -> Shown | Moved:
    """What they hold, bought and sold at each company, and every filing."""
    cik = _cik(look.path["insider"])
    if cik != look.path["insider"]:
        return Moved(to=f"/insiders/{cik}")
    found = await profiles.insider(look.context.database, cik, look.context.clock.now())
    asked, rows, following = await _filings(look, f"/insiders/{cik}", WhichFilings(owner=cik))
    names = {cik: found.name}
    return Shown(
        template="insider.html",
        values={
            "person": found,
            "at": [
                InsiderAt(
                    told=one,
                    figure=plots.held(one.holdings, one.deals, names),
                    deals=one.deals[:_DEALS],
                    holdings=one.holdings[:_LINES],
                )
                for one in found.at[:_COMPANIES]
            ],
            "names": names,
            "asked": asked,
            "rows": rows,
            "next": following,
            "elsewhere": company_page(cik),
        },
    )


def _cik(text: str) -> Cik:
    try:
        return central_index_key(text)
    except ValueError:
        raise NotFound(f"{text} is no CIK: a CIK has up to ten digits") from None


async def _filings(look: Look, path: str, which: WhichFilings) -> tuple[Narrowing, Sequence[TapeRow], str | None]:
    asked = Narrowing(path, look.query)
    last: Place | None = behind(asked.cursor, Place)
    found = await profiles.filings(look.context.database, look.who.workspace, which, _SIZE + 1, last)
    shown, following = part(found, _SIZE, lambda one: one[1])
    return asked, [row_of(entry) for entry, _ in shown], asked.next(following)


PAGES = (
    Page(method="GET", path="/companies/{company}", name="company", title="Company", scope=Scope.READ, handler=company),
    Page(method="GET", path="/insiders/{insider}", name="insider", title="Insider", scope=Scope.READ, handler=insider),
)
