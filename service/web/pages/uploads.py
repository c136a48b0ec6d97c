"""Files that people upload, as text."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence

from service.model.errors import Fault, Faulty

LONGEST = 6_000_000  # characters


def text_of(data: bytes, field: str) -> str:
    """The text in *data*, in UTF-8, UTF-16 or as Windows writes it; raises Faulty at *field* where it is no text."""
    if len(data) > LONGEST:
        raise Faulty("The file cannot be read.", (Fault((field,), "it is larger than 6 MB: import it in parts"),))
    encodings: Sequence[str] = ("utf-16",) if data.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    told = "it is no text: save the spreadsheet as CSV"
    raise Faulty("The file cannot be read.", (Fault((field,), told),))
