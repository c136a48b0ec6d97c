"""Writes docs/facts.md to standard output."""

from consumers.matcher.facts.page import page

print(page(), end="")
