"""Names of people and companies, compared as people write them: O'Brien is OBRIEN, L.P. is LP, Müller is MULLER."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

_PLAIN = str.maketrans(
    # What is left out or written with other letters; all that is no letter or digit parts words.
    dict.fromkeys("'\u2018\u2019\u201a\u201b\u02bc\u02b9\u2032`\u00b4\u02bb\u02bd", "")
    | {"&": " and ", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_BETWEEN = re.compile(r"[^\w]|_")


def words_of(name: str) -> frozenset[str]:
    """The words that *name* holds, to look for others in; initials both one by one and together."""
    each = _words(name)
    initials = len([word for word in each if len(word) == 1])
    return frozenset((*each, *_joined(each)) if initials > 1 else each)


def folded(name: str) -> str:
    """*name* as its words are looked for, in its order.

    >>> folded("Mc Ünal-O'Brien, L. P.")
    'mc unal obrien lp'
    """
    return " ".join(_joined(_words(name)))


def _words(name: str) -> list[str]:
    plain = name.casefold()
    if plain.isascii():
        if plain.replace(" ", "").isalnum():  # as nearly every name is
            return plain.split()
    else:
        plain = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return _BETWEEN.sub(" ", plain.translate(_PLAIN)).split()


def _joined(words: list[str]) -> Iterator[str]:
    """*words*, with letters that stand by themselves put together."""
    for alone, run in groupby(words, key=lambda word: len(word) == 1):
        if alone:
            yield "".join(run)
        else:
            yield from run
