"""Companies, and who is an insider of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

_SURNAMES = (
    *("Abbott", "Baker", "Cohen", "Diaz", "Evans", "Fischer", "Garcia", "Huang"),
    *("Ivanov", "Jensen", "Kim", "Lopez", "Müller", "Nguyen", "O'Brien", "Patel"),
)
_FIRST = (
    *("Alice", "Benjamin", "Carol", "David", "Elena", "Frank", "Grace", "Henry"),
    *("Irene", "James", "Karen", "Louis", "Maria", "Nathan", "Olga", "Peter"),
)
_TITLES = ("Chief Executive Officer", "Chief Financial Officer", "EVP & General Counsel", "See Remarks", "SVP, Sales")


@dataclass(slots=True, eq=False)
class Insider:
    """Somebody at one company; of several companies they have one CIK and name."""

    cik: int
    name: str
    relation: str
    title: str = ""
    month: int = 0  # in which they buy each year; 0: whenever
    plan: bool = False  # they sell each month
    shares: int = 0
    trust: int = 0
    units: int = 0
    options: int = 0
    strike: float = 0.0


@dataclass(slots=True, eq=False)
class Company:
    """An issuer."""

    cik: int
    name: str
    symbol: str
    price: float
    meets: int  # the quarter in which directors are granted
    pays: int  # likewise officers
    people: list[Insider] = field(default_factory=list)
    funds: list[Insider] = field(default_factory=list)

    def who(self, role: str) -> list[Insider]:
        """Those of a *role*."""
        return [one for one in self.people if role in one.relation]


class People:
    """Makes them."""

    def __init__(self, rnd: Random) -> None:
        self._rnd = rnd
        self._ciks = iter(range(1_500_000, 10_000_000))
        self._boards: list[Insider] = []

    def a_company(self) -> Company:
        """With insiders, and now and then funds."""
        rnd, cik = self._rnd, next(self._ciks)
        name = f"{rnd.choice(_SURNAMES)} {rnd.choice(('Systems', 'Bancorp', 'Energy', 'Therapeutics'))} Inc"
        company = Company(cik, name, f"E{cik % 10_000}", rnd.uniform(3, 200), rnd.randrange(4), rnd.randrange(4))
        company.people += [self.a_person(title) for title in _TITLES[: rnd.randint(3, 5)]]
        company.people += [self.a_director() for _ in range(rnd.randint(4, 8))]
        if rnd.random() < 0.3:
            company.funds += self._funds(rnd.choice(_SURNAMES), rnd.choice((3, 4, 5, 12)))
        return company

    def a_person(self, title: str = "") -> Insider:
        """An officer with a *title*, or a director."""
        rnd = self._rnd
        return Insider(
            cik=next(self._ciks),
            name=f"{rnd.choice(_SURNAMES)} {rnd.choice(_FIRST)} {rnd.choice('ABCDEFGHJKLMNPRSTW')}",
            relation=("Director,Officer" if rnd.random() < 0.3 else "Officer") if title else "Director",
            title=title,
            month=rnd.randint(1, 12) if rnd.random() < 0.1 else 0,
            plan=rnd.random() < 0.06,
            shares=rnd.randrange(0, 200_000, 100),
            trust=rnd.choice((0, 0, 0, 25_000)),
        )

    def a_director(self) -> Insider:
        """Now and then somebody who directs another company."""
        if self._boards and self._rnd.random() < 0.15:
            other = self._rnd.choice(self._boards)
            return Insider(cik=other.cik, name=other.name, relation="Director")
        self._boards.append(self.a_person())
        return self._boards[-1]

    def _funds(self, name: str, count: int) -> Iterator[Insider]:
        kinds = ("Capital Management LLC", "Partners GP LLC", "Partners, L.P.")
        for place in range(count):
            kind = f"{name} {kinds[min(place, 2)]} {place + 1}"
            yield Insider(next(self._ciks), kind, "TenPercentOwner", shares=4_000_000)
