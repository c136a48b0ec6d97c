"""The facts of a filing, calculated a second time: straight from its XML, with nothing of the product.

Written from the form and docs/facts.md, one row at a time, as plainly as it goes: it is slow, knows no flags but those
noted by hand, and is right or wrong by itself. What only a reader can tell (what a title means, when
something vests) stands in tables that were written by reading the filings.
"""

import re
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal, getcontext
from typing import Any

from lxml import etree

getcontext().prec = 60

CLOSED_BY_ORDER = {
    date(2018, 12, 5),
    date(2018, 12, 24),
    date(2019, 12, 24),
    date(2020, 12, 24),
    date(2024, 12, 24),
} | {
    date(2025, 1, 9),
    date(2025, 12, 24),
    date(2025, 12, 26),
}

TITLES = {  # what is held, by its title in lower case
    "option": "stock option (right to buy)|employee stock option (right to buy)|"
    "employee stock option grant (right to buy)|director stock option (right to buy)|share option|"
    "non-qualified stock option (right to buy)|incentive stock option|"
    "put option (obligation to buy)|call option (right to buy)",
    "warrant": "tranche a common share purchase warrants|tranche b common share purchase warrants|"
    "tranche c common share purchase warrants|warrant to purchase common shares|common stock purchase warrant|"
    "warrant (right to buy)",
    "sar": "stock appreciation right",
    "rsu": "restricted stock unit|restricted stock units|restricted stock unit award|incentive bonus unit|"
    "performance stock units|earn-out shares",
    "deferral": "stock fund units (ddcp)",
    "convertible": "class b common stock|convertible senior notes due 2019|series b preferred stock",
    "other": "cash-settled equity swap",
}
TITLES_OF_TABLE_I = {"common units representing limited partner interests": "partnership-unit"}
CLASSES = {title: name for name, titles in TITLES.items() for title in titles.split("|")}
GRANTED = {
    "option": "option-grant",
    "warrant": "option-grant",
    "sar": "option-grant",
    "rsu": "award",
    "deferral": "deferral",
    "share": "award",
}
CODES = {
    "P": "purchase", "S": "sale", "F": "withholding", "D": "disposition-to-issuer", "M": "exercise", "X": "exercise",
    "O": "exercise", "C": "conversion", "G": "gift", "J": "other", "U": "tender", "I": "discretionary",
    "E": "expiry", "H": "expiry", "L": "small-acquisition", "W": "inheritance", "Z": "voting-trust", "V": "other",
    "K": "equity-swap",
}  # fmt: skip


def facts_of_xml(data: bytes, filed_on: date) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The facts of the filing, and of each row by its place; what is unknown has no key."""
    root = etree.fromstring(data, etree.XMLParser(recover=True, huge_tree=True))
    notes = {str(one.get("id")): _words(str(one.xpath("string()"))) for one in root.findall("footnotes/footnote")}
    rows = [_row(element, "I", number) for number, element in _table(root, "nonDerivativeTable")]
    rows += [_row(element, "II", number) for number, element in _table(root, "derivativeTable")]
    held = [
        _line(element, "I" if "non" in element.tag else "II")
        for element in root.iter("nonDerivativeHolding", "derivativeHolding")
    ]
    used = {one.get("id") for one in root.iter("footnoteId")}
    remarks = _words(root.findtext("remarks") or "")
    general = [remarks, *(text for one, text in notes.items() if one not in used)]
    box = {"1": True, "true": True, "0": False, "false": False}.get((root.findtext("aff10b5One") or "").strip().lower())
    form = (root.findtext("documentType") or "").strip()
    for row in rows:
        row["class"], row["kind"] = _kind(row, rows)
        if row["on"] and row["on"] > filed_on:
            row["on"] = None  # nothing is reported ahead of the trade
    for row in rows:
        _facts(row, rows, held, notes, general, box, form, filed_on)
    whole = _filing(root, rows, remarks, box, form, filed_on)
    return {name: value for name, value in whole.items() if value is not None}, {
        row["place"]: row["facts"] for row in rows
    }


def _table(root: Any, name: str) -> list[tuple[int, Any]]:
    every = [one for one in root.findall(f"{name}/*") if one.tag.endswith(("Transaction", "Holding"))]
    return [(number, one) for number, one in enumerate(every, 1) if one.tag.endswith("Transaction")]


def _words(text: str) -> str:
    return " ".join(text.split())


def _text(element: Any, path: str) -> str | None:
    found = element.find(path)
    if found is None:
        return None
    return _words(found.findtext("value") or found.text or "") or None


def _number(element: Any, path: str) -> Decimal | None:
    text = _text(element, path)
    return None if text is None else Decimal(text.replace(",", "").replace("$", ""))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text[:10])


def _line(element: Any, table: str) -> tuple[Any, ...]:
    names = ["securityTitle", ".//directOrIndirectOwnership", ".//natureOfOwnership"]
    terms = ["conversionOrExercisePrice", "expirationDate", ".//underlyingSecurityTitle"] if table == "II" else []
    line = [(_text(element, name) or "").lower() for name in [*names, *terms]]
    return (table, *[str(Decimal(one).normalize()) if re.fullmatch(r"\d+(\.\d+)?", one) else one for one in line])


def _row(element: Any, table: str, number: int) -> dict[str, Any]:
    amounts, coding = "transactionAmounts/", "transactionCoding/"
    return {
        "place": f"Table {table} row {number}",
        "table": table,
        "element": element,
        "title": _text(element, "securityTitle"),
        "code": _text(element, coding + "transactionCode"),
        "swap": (_text(element, coding + "equitySwapInvolved") or "").lower() in ("1", "true"),
        "type": _text(element, coding + "transactionFormType"),
        "on": _day(_text(element, "transactionDate")),
        "deemed": _day(_text(element, "deemedExecutionDate")),
        "shares": _number(element, amounts + "transactionShares"),
        "total": _number(element, amounts + "transactionTotalValue"),
        "price": _number(element, amounts + "transactionPricePerShare"),
        "way": _text(element, amounts + "transactionAcquiredDisposedCode"),
        "after": _number(element, ".//sharesOwnedFollowingTransaction"),
        "held": {"D": "direct", "I": "indirect"}.get(_text(element, ".//directOrIndirectOwnership") or ""),
        "strike": _number(element, "conversionOrExercisePrice"),
        "exercisable": _day(_text(element, "exerciseDate")),
        "expires": _day(_text(element, "expirationDate")),
        "underlying": _number(element, ".//underlyingSecurityShares"),
        "of": _text(element, ".//underlyingSecurityTitle"),
        "line": _line(element, table),
        "facts": {},
    }


def _kind(row: dict[str, Any], rows: list[dict[str, Any]]) -> tuple[str, str]:
    titles = CLASSES if row["table"] == "II" else TITLES_OF_TABLE_I
    security = titles.get(row["title"].lower(), "share")
    kind = GRANTED[security] if row["code"] == "A" else CODES[row["code"]]
    given = any(one["code"] == row["code"] and one["way"] == "D" for one in rows)
    beside = any(one["code"] == row["code"] and one["table"] == "II" for one in rows)
    if kind in ("exercise", "conversion") and row["way"] != "D" and (given or (beside and row["table"] == "I")):
        kind = "exercise-shares"
    return security, "equity-swap" if row["swap"] and kind == "other" else kind


def _facts(
    row: dict[str, Any],
    rows: list[dict[str, Any]],
    held: list[tuple[Any, ...]],
    notes: dict[str, str],
    general: list[str],
    box: bool | None,
    form: str,
    filed_on: date,
) -> None:
    security = row["class"]
    unit = security in ("rsu", "deferral") and row["strike"]
    strike = None if unit else row["strike"]
    value = row["total"]
    if value is None and row["shares"] is not None and row["price"] is not None:
        value = row["shares"] * row["price"]
    cited = [one.get("id") for one in row["element"].iter("footnoteId")]
    row["facts"] |= {
        "kind": row["kind"],
        "kinds": {CODES.get(row["code"], row["kind"]), "equity-swap"} if row["swap"] else {row["kind"]},
        "security_class": security,
        "transaction_code": row["code"],
        "security_title": row["title"],
        "transaction_date": row["on"],
        "ownership": row["held"],
        "shares": row["shares"],
        "price": row["price"],
        "value": value,
        "strike": strike,
        "underlying_shares": row["underlying"],
        "exercise_value": strike * row["underlying"] if strike is not None and row["underlying"] is not None else None,
        "owned_after": row["after"],
        "filing_lag": Decimal((filed_on - row["on"]).days) if row["on"] else None,
        "expiration_date": row["expires"],
        "years_to_expiry": _years(row["on"], row["expires"]) if row["on"] and row["expires"] else None,
        "days_late": _late(row, filed_on) if form == "4" else None,
        "direction": _direction(row),
        "holding_change": _change(row, rows, held),
        "discount": _discount(row, rows),
        "plan": _plan([notes[one] for one in cited], general, rows, notes, box),
        "plan_adopted": _adopted([notes[one] for one in cited], general),
    }


def _years(first: date, last: date) -> Decimal | None:
    if last <= first:
        return None
    years = 0
    while first.replace(year=first.year + years + 1) <= last:
        years += 1
    start, end = first.replace(year=first.year + years), first.replace(year=first.year + years + 1)
    return (years + Decimal((last - start).days) / (end - start).days).quantize(Decimal("0.01"), ROUND_DOWN)


def _late(row: dict[str, Any], filed_on: date) -> Decimal | None:
    start = row["on"]
    if start is None or row["type"] == "5" or row["code"] in ("L", "W"):
        return None
    if row["code"] == "G" and (row["way"] == "A" or start < date(2023, 2, 27)):  # until then gifts went on Form 5
        return None
    if row["deemed"] and row["deemed"] > start:
        start = row["deemed"]
    days = [start + timedelta(days=ahead) for ahead in range(1, (filed_on - start).days + 1)]
    return Decimal(max(0, sum(_open(day) for day in days) - 2))


def _open(day: date) -> bool:
    """Whether EDGAR takes filings on *day*."""
    year, month = day.year, day.month
    if day.weekday() > 4 or day in CLOSED_BY_ORDER:
        return False
    week = (day.day - 1) // 7 + 1
    if day.weekday() == 0 and (month, week) in ((1, 3), (2, 3), (9, 1), (10, 2)):
        return False
    if day.weekday() == 0 and month == 5 and (day + timedelta(days=7)).month == 6:
        return False
    if (month, day.weekday(), week) == (11, 3, 4):
        return False
    fixed = [date(year, *day) for day in ((1, 1), (7, 4), (11, 11), (12, 25))] + [date(year + 1, 1, 1)]
    fixed += [date(year, 6, 19)] if year > 2021 else []
    return all(day != one - timedelta(days={5: 1, 6: -1}.get(one.weekday(), 0)) for one in fixed)


def _direction(row: dict[str, Any]) -> str | None:
    code, way = row["code"], row["way"]
    if (code == "P" and way == "D") or (code in "SFD" and way == "A") or (code == "L" and way == "D"):
        return None
    if row["table"] == "II" and way == "A" and row["kind"] in ("exercise", "conversion"):
        return None
    if code == "P" and not row["swap"]:
        return "buy"
    if code == "S" and not row["swap"]:
        return "sell"
    return {"A": "acquire", "D": "dispose"}[way]


def _change(row: dict[str, Any], rows: list[dict[str, Any]], held: list[tuple[Any, ...]]) -> Decimal | None:
    for one in rows:
        sign = {"buy": 1, "acquire": 1, "sell": -1, "dispose": -1}.get(_direction(one) or "")
        known = sign is not None and one["after"] is not None and one["shares"] is not None
        one["before"] = one["after"] - sign * one["shares"] if known else None
    same = [one for one in rows if one["line"] == row["line"]]
    forwards = all(same[n]["before"] == same[n - 1]["after"] for n in range(1, len(same)))
    backwards = all(same[n - 1]["before"] == same[n]["after"] for n in range(1, len(same)))
    if row["line"] in held or not (forwards or backwards) or not row["before"] or row["before"] < 0:
        return None
    share: Decimal = 100 * row["shares"] / row["before"]
    return share.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def _discount(row: dict[str, Any], rows: list[dict[str, Any]]) -> Decimal | None:
    if row["class"] not in ("option", "warrant") or row["strike"] is None:
        return None
    day = [
        one
        for one in rows
        if one["table"] == "I" and one["code"] in ("P", "S", "F") and one["on"] == row["on"] and one["price"]
        if (one["title"] or "").lower() == (row["of"] or "").lower()
    ]
    if not day:
        return None
    mean = sum(one["price"] * one["shares"] for one in day) / sum(one["shares"] for one in day)
    share: Decimal = 100 * (mean - row["strike"]) / mean
    return share.quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


def _plan(
    cited: list[str],
    general: list[str],
    rows: list[dict[str, Any]],
    notes: dict[str, str],
    box: bool | None,
) -> str | None:
    """No filing of the corpus denies a plan, so a text that names the rule says that one was used."""
    used = any("10b5-1" in text for text in cited) or any("10b5-1" in text for text in general)
    if used:
        return "contradictory" if box is False else "plan"
    if box:
        others = {one.get("id") for row in rows for one in row["element"].iter("footnoteId")}
        return None if any("10b5-1" in notes[one] for one in others) else "plan"
    return None if box is None else "none"


def _adopted(cited: list[str], general: list[str]) -> date | None:
    for text in [*cited, *general]:
        found = re.search(
            r"(?:adopted|established)(?: by the reporting persons?)? on (\w+) (\d+), (\d{4})", text, re.IGNORECASE
        )
        if "10b5-1" in text and found:
            months = [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ]
            return date(int(found[3]), months.index(found[1]) + 1, int(found[2]))
    return None


ROLES = {  # the offices that the titles name
    "Chief Executive Officer": "ceo",
    "President and CEO": "ceo president",
    "President and COO": "coo president",
    "Senior Vice President, CFO": "cfo vice-president",
    "VP, General Counsel, Secretary": "general-counsel secretary vice-president",
    "Chief Financial Officer": "cfo",
    "Chief Operating Officer": "coo",
    "Chief Technology Officer": "cto",
    "Chief Legal Officer": "general-counsel",
    "Co-Chief Executive Officer": "ceo",
    "COO": "coo",
    "GC": "general-counsel",
    "Co-Founder": "founder",
    "Founder and CEO": "ceo founder",
    "General Counsel": "general-counsel",
    "President": "president",
    "Treasurer": "treasurer",
    "Principal Accounting Officer": "accounting-officer",
    "EVP, Worldwide Field Ops": "vice-president",
    "EVP, Technology & Business Dev.": "vice-president",
    "SVP, Engineering": "vice-president",
    "SVP, Sales": "vice-president",
    "VP Finance": "vice-president",
    "VP, Lasers": "vice-president",
    "VP, Mills": "vice-president",
    "Vice President": "vice-president",
    "Sr. VP Eastern Mediterranean": "vice-president",
    "Vice President Engineering": "vice-president",
    "See Remarks": "vice-president",
}


TICKS = {
    "isDirector": "director",
    "isOfficer": "officer",
    "isTenPercentOwner": "ten-percent-owner",
    "isOther": "other",
}


def _filing(
    root: Any,
    rows: list[dict[str, Any]],
    remarks: str,
    box: bool | None,
    form: str,
    filed_on: date,
) -> dict[str, Any]:
    roles: set[str] = set()
    for relationship in root.iter("reportingOwnerRelationship"):
        for tick, role in TICKS.items():
            if (relationship.findtext(tick) or "").strip().lower() in ("1", "true"):
                roles.add(role)
        roles.update(ROLES.get(_words(relationship.findtext("officerTitle") or ""), "").split())
    facts: dict[str, Any] = {
        "amendment": form.endswith("/A"),
        "plan_10b5_1": box,
        "filed_on": filed_on,
        "role": roles,
        "joint": len(root.findall("reportingOwner")) > 1,
        "continuation": _continuation(root, remarks),
    }
    exit_box = (root.findtext("notSubjectToSection16") or "").strip().lower()
    if exit_box:
        facts["relationship_ended"] = exit_box in ("1", "true")
    dealt = [row for row in rows if row["table"] == "I" and row["code"] in ("P", "S") and not row["swap"]]
    if dealt and all(row["facts"]["value"] is not None and row["facts"]["direction"] for row in dealt):
        facts["net_value"] = sum(row["facts"]["value"] * (1 if row["code"] == "P" else -1) for row in dealt)
    return facts | _exercise(rows)


def _continuation(root: Any, remarks: str) -> bool | None:
    texts = [remarks, *(_words(one.xpath("string()")) for one in root.findall("footnotes/footnote"))]
    said = ("continuation report", "on additional Form 4", "Continues the Form 4")
    if any(one in text for one in said for text in texts):
        return True
    full = any(len(root.findall(f"{table}/*")) >= 30 for table in ("nonDerivativeTable", "derivativeTable"))
    return None if full else False


def _exercise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    shares = [row for row in rows if row["table"] == "I"]
    brought = [row for row in shares if row["code"] in ("M", "X", "O") and row["way"] == "A"]
    if not brought:
        return {}
    start = min(row["on"] for row in brought)
    same = {(row["title"].lower(), row["held"]) for row in brought}
    gone = [
        row
        for row in shares
        if row["way"] == "D" and row["on"] >= start and (row["title"].lower(), row["held"]) in same
    ]
    total = sum(row["shares"] for row in brought)
    withheld = sum(row["shares"] for row in gone if row["code"] in ("F", "D"))
    sold = sum(row["shares"] for row in gone if row["code"] == "S")
    share = (Decimal(100) * sold / total).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
    return {"net_shares": total - withheld - sold, "sold_share": share}
