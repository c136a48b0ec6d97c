"""Parsed filings to alerts. Pure but for the step: the same matcher serves live alerts and explanations."""

from consumers.matcher.match import RuleSet
from consumers.matcher.subject import Subject

__all__ = ["RuleSet", "Subject"]
