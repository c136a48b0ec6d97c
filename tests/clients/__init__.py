"""The consumers that docs/topics.md prints, run as they stand there: ``make clients``."""
