"""An alert in one line: who did what, how much, at which company."""

from consumers.matcher.headline.line import headline

__all__ = ["headline"]
