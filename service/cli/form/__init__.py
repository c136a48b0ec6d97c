"""Forms 3, 4 and 5 in a terminal, laid out as the SEC's."""

from service.cli.form.page import show

__all__ = ["show"]
