"""Titles as filers write them, of securities and of how they are held, told apart whatever their spelling."""


def folded(title: str | None) -> str:
    """*title* as it is compared with another."""
    return " ".join((title or "").casefold().split())
