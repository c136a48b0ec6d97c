"""Writes docs/notices.md to standard output."""

from service.watch.checks.page import page

print(page(), end="")
