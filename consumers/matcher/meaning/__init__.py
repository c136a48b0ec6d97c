"""What the rows of a filing mean: their kinds, what security they are about, and which of their boxes to doubt.

Pure: a document in, a `Meaning` for each transaction row out. Who calls it never reads a title or a code itself.

- `words`: the word list that decides a title, as data with its reasons.
- `security`: what a row is about: its title first, then strike, expiry and underlying together.
- `kinds`: what a row reports: its code, which side of an exercise it is, whether it takes a grant back, the swap's box.
- `doubts`, with `prices` and `derivatives`: boxes that hold something else than they should. They stay as filed, and
  rules take them as unknown.
- `notes` and `currency`: what footnotes and remarks say of an amount: another currency, another unit.
"""

from consumers.matcher.meaning.meaning import Meaning, meanings_of

__all__ = ["Meaning", "meanings_of"]
