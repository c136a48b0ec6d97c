"""The tokens of which a vesting schedule in a footnote's words is read."""

from dataclasses import dataclass

from consumers.matcher.facts.notes import plain
from consumers.matcher.facts.schedule_words import ANCHORED, CLEAN, SCHEDULED, SENTENCES, TOKENS
from consumers.remembered import remembered


@dataclass(frozen=True, slots=True)
class Token:
    """A part, a day, an anniversary, a number..., as the text has it."""

    kind: str
    text: str


@remembered(256)  # a company's grants of a day cite the same words, in the filings of all who were granted them
def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of *text*; empty: whatever its tokens say, it states no schedule."""
    said = plain(text)
    if not ANCHORED.search(said):
        return ()
    for sign, pattern, meant in CLEAN:
        if sign in said:
            said = pattern.sub(meant, said)
    found = list[Token]()
    for sentence in SENTENCES.split(said):
        if SCHEDULED.search(sentence):
            for match in TOKENS.finditer(sentence):
                kind = match.lastgroup or ""
                if kind in ("refused", "number"):
                    return ()
                found.append(Token(kind, match[0]))
    return tuple(found)
