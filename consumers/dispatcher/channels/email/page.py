"""A message as a page for mail programs: no script, no picture, nothing loaded; what was filed is text in it."""

from collections.abc import Iterable, Sequence
from html import escape

from consumers.dispatcher.parts import MessageText
from consumers.dispatcher.render import Line, Rendering, RowText
from consumers.dispatcher.room import cut, fitting
from service.model.notice import Notice
from service.text import legible
from service.words import counted, eastern

# Gmail shows no more than about 100 kB of a mail's page.
_WHO, _ROWS, _WHY, _FLAGS, _REMARKS, _FOOTNOTES = 6_000, 30_000, 12_000, 4_000, 6_000, 24_000
_NOTICE = 40_000
_LINE = 300
_NOTE = 1_500  # of a footnote, or of remarks
_RULE_COUNT = 5

_STYLE = """
body{margin:0;padding:16px;font:14px/1.45 system-ui,-apple-system,'Segoe UI',sans-serif;color:#1b1f24;background:#fff}
main{max-width:680px;margin:0 auto}h1{font-size:18px;line-height:1.3;margin:0 0 4px}
h2{font-size:14px;margin:20px 0 4px}p,ul{margin:4px 0}ul{padding-left:18px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th{font-weight:normal;text-align:left;vertical-align:top;padding:1px 16px 1px 0;color:#57606a;white-space:nowrap}
td{padding:1px 0;overflow-wrap:anywhere}.quiet{color:#57606a}a{color:#0a58ca}
.foot{margin-top:20px;padding-top:8px;border-top:1px solid #d0d7de}
@media(prefers-color-scheme:dark){body{background:#14171a;color:#e3e6e8}th,.quiet{color:#9aa4ad}a{color:#7fb2ff}
.foot{border-color:#3a4147}}
"""


def page_of_notice(notice: Notice, leave: str | None) -> str:
    """What *notice* says, and where to unsubscribe."""
    seen = legible(notice)
    return _page(seen.headline, _notice(seen), leave)


def page(words: Sequence[Rendering], leave: str | None) -> str:
    """The alerts of several rules on one filing, which were put in words, and where to unsubscribe."""
    return _page(words[0].headline, _alert(words), leave)


def worded_page(told: MessageText, words: Rendering, leave: str | None) -> str:
    """The same in words of the channel's own, with the filing below."""
    lines = (f"<p>{_text(line, _NOTE)}</p>" for part in told.parts for line in part.lines)
    kept, over = fitting(lines, _NOTICE, len)
    foot = _foot(words.links, f"Form {words.form} {words.accession}", words.way)
    return _page(told.headline, [*kept, *_more(over, "line"), foot], leave)


def _page(headline: str, parts: Iterable[str], leave: str | None) -> str:
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
            f"<title>{_text(headline, _NOTE)}</title><style>{_STYLE}</style></head><body><main>",
            f"<h1>{_text(headline, _NOTE)}</h1>",
            *parts,
            *([f'<p class="quiet"><a href="{escape(leave)}">Unsubscribe</a></p>'] if leave else []),
            "</main></body></html>\n",
        ]
    )


def _alert(words: Sequence[Rendering]) -> Iterable[str]:
    one = words[0]
    yield f'<p class="quiet">{_text(one.company)}</p>'
    yield from _list("", one.who, _WHO, "owner")
    yield from (f"<p>{_text(note, _NOTE)}</p>" for note in one.notes)
    yield from _list("", one.also, _WHO, "filing")
    yield from _rows({row.title: row for part in words for row in part.rows}.values())
    for part in words[:_RULE_COUNT]:
        about = f'<p class="quiet">{_text(part.description)}</p>' if part.description else ""
        yield from _list(f"Why: rule {part.rule}", part.why, _WHY // min(len(words), _RULE_COUNT), "reason", about)
    yield from _more(len(words) - _RULE_COUNT, "rule")
    yield from _list("Odd in this filing", one.flags, _FLAGS, "remark")
    yield from _list("Remarks", [one.remarks] if one.remarks else [], _REMARKS, "remark")
    notes = {number: text for part in words for number, text in part.footnotes}
    yield from _list("Footnotes", (f"{number}: {text}" for number, text in notes.items()), _FOOTNOTES, "footnote")
    yield _foot(one.links, f"Form {one.form} {one.accession}", one.way)


def _notice(notice: Notice) -> Iterable[str]:
    yield from _list("", notice.lines, _NOTICE, "line")
    links, over = fitting(notice.links, _NOTICE, lambda link: len(escape(f"{link}")) + 40)
    yield _foot(links, f"filingbell, {notice.kind}", eastern(notice.at))
    yield from _more(over, "link")


def _rows(rows: Iterable[RowText]) -> Iterable[str]:
    kept, over = fitting(map(_row, rows), _ROWS, len)
    yield from kept
    yield from _more(over, "row", ": see the filing")


def _row(row: RowText) -> str:
    lines = "".join(f"<tr><th>{_text(label)}</th><td>{_text(text)}</td></tr>" for label, text in row.lines)
    return f"<h2>{_text(row.title)}</h2><table>{lines}</table>"


def _list(title: str, lines: Iterable[str], room: int, one: str, about: str = "") -> Iterable[str]:
    """*lines* below *title*, as far as there is *room*."""
    kept, over = fitting((f"<li>{_text(line, _NOTE)}</li>" for line in lines), room, len)
    if kept:
        yield f"{f'<h2>{_text(title)}</h2>' if title else ''}{about}<ul>{''.join(kept)}</ul>"
    yield from _more(over, one)


def _more(over: int, one: str, where: str = "") -> Iterable[str]:
    if over > 0:
        yield f'<p class="quiet">and {counted(over, f"more {one}")}{where}</p>'


def _foot(links: Iterable[Line], what: str, way: str | None) -> str:
    linked = [f'<a href="{escape(url)}">{_text(label)}</a>' for label, url in links if url.startswith("https://")]
    said = f"<br>{_text(way)}" if way else ""
    return f'<p class="foot quiet">{" · ".join([*linked, _text(what)])}{said}</p>'


def _text(text: str, most: int = _LINE) -> str:
    return escape(cut(text, most))
