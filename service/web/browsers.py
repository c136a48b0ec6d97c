"""What people call a browser, from what it says of itself."""

import re

_BROWSERS = (  # each claims to be those behind it as well
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Headless)?(?:Chrome|CriOS|Chromium)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("macOS", re.compile(r"\bMac(?:intosh| OS X)\b")),
    ("Linux", re.compile(r"\b(?:Linux|X11)\b")),
)


def called(agent: str) -> str | None:
    """``Firefox on Linux``, from a User-Agent; None: it says nothing that is known."""
    found = [next((name for name, said in table if said.search(agent)), None) for table in (_BROWSERS, _SYSTEMS)]
    return " on ".join(filter(None, found)) or None
