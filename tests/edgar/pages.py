"""Pages of the feed, and their entries, as EDGAR writes them."""

from service.edgar.feed import FeedPage, FeedReader

PROLOG = '<?xml version="1.0" encoding="ISO-8859-1" ?>\n'
OPEN = '<feed xmlns="http://www.w3.org/2005/Atom">\n<title>Latest Filings</title>\n'
ACCESSION = "0009990900-25-000001"


def an_entry(
    *,
    accession: str = ACCESSION,
    title: str = "4 - DOE JANE (0009800001) (Reporting)",
    form: str = "4",
    when: str = "<updated>2025-03-03T16:15:02-05:00</updated>",
    link: str = "https://www.sec.gov/Archives/edgar/data/9900001/000999090025000001/0009990900-25-000001-index.htm",
    filed: str = "2025-03-03",
    more: str = "",
) -> str:
    """An entry as EDGAR writes it."""
    return (
        f'<entry>\n<title>{title}</title>\n<link rel="alternate" type="text/html" href="{link}"/>\n'
        f'<summary type="html">\n &lt;b&gt;Filed:&lt;/b&gt; {filed} &lt;b&gt;AccNo:&lt;/b&gt; {accession}\n</summary>\n'
        f'{when}\n<category scheme="https://www.sec.gov/" label="form type" term="{form}"/>\n'
        f"<id>urn:tag:sec.gov,2008:accession-number={accession}</id>{more}\n</entry>\n"
    )


def a_page(*entries: str, prolog: str = PROLOG) -> bytes:
    """A page of the feed."""
    return (prolog + OPEN + "".join(entries) + "</feed>\n").encode("iso-8859-1")


def read(*entries: str) -> FeedPage:
    """What a new reader makes of a page with *entries*."""
    return FeedReader().read(a_page(*entries))
