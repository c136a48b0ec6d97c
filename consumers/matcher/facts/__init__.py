"""All that can be asked of a filing and its rows: one table of facts, each typed, each unknown where it is not filed.

The table is `registry.FACTS`, by name; `FactType` (in `fact`) says what a fact is. Ask for a value in one of two ways::

    from consumers.matcher.facts.registry import FACTS, value

    value("shares", subject, row)  # a Decimal, or None: unknown
    FACTS["role"].of(subject)      # the same call, for those who look the fact up once

- The value has the Python type of the fact's ``type``: number is a ``Decimal``, word a ``StrEnum``, words a
  ``frozenset`` of them, flag a ``bool``, date a ``date``, text a ``str``. ``None`` is unknown, whatever the type: never
  0, never false, never empty.
- A fact of a row is asked with the row, a fact of the filing without.
- Nothing is computed before it is asked for. What takes more than reading a field is computed once a subject.

A new fact is a function in the module of its group and a line in that module's table. `boxes` names boxes as the form
does, `rows` reads transaction rows into `Fact`s, `told` is what alerts carry, `page` writes docs/facts.md.
"""
