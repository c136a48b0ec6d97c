"""An alert in one line: who did what, how much, at which company."""

from consumers.matcher.headline.line import headline, insiders, told

__all__ = ["headline", "insiders", "told"]
