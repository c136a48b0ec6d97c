"""Filings made up for a test: only what matters to the test is said there."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from service.model.calendar import EASTERN

ACCESSION = "0009990900-25-000001"

_PURCHASE = """<nonDerivativeTransaction>
<securityTitle>{securityTitle}</securityTitle>
<transactionDate>{transactionDate}</transactionDate>
<transactionCoding><transactionFormType>4</transactionFormType><transactionCode>{transactionCode}</transactionCode>
<equitySwapInvolved>{equitySwapInvolved}</equitySwapInvolved></transactionCoding>
<transactionAmounts><transactionShares>{transactionShares}</transactionShares>
<transactionPricePerShare>{transactionPricePerShare}</transactionPricePerShare>
<transactionAcquiredDisposedCode>{transactionAcquiredDisposedCode}</transactionAcquiredDisposedCode></transactionAmounts>
<postTransactionAmounts><sharesOwnedFollowingTransaction>{sharesOwnedFollowingTransaction}
</sharesOwnedFollowingTransaction></postTransactionAmounts>
<ownershipNature><directOrIndirectOwnership><value>D</value></directOrIndirectOwnership></ownershipNature>
{more}</nonDerivativeTransaction>"""

_OPTION = """<derivativeTransaction>
<securityTitle><value>Stock Option</value></securityTitle>
<conversionOrExercisePrice>{conversionOrExercisePrice}</conversionOrExercisePrice>
<transactionDate><value>2025-03-01</value></transactionDate>
<transactionCoding><transactionFormType>4</transactionFormType><transactionCode>A</transactionCode>
<equitySwapInvolved>0</equitySwapInvolved></transactionCoding>
<transactionAmounts><transactionShares><value>500</value></transactionShares>
<transactionAcquiredDisposedCode><value>A</value></transactionAcquiredDisposedCode></transactionAmounts>
<exerciseDate>{exerciseDate}</exerciseDate>
<expirationDate><value>2035-03-01</value></expirationDate>
<underlyingSecurity><underlyingSecurityTitle><value>Common Stock</value></underlyingSecurityTitle>
<underlyingSecurityShares><value>500</value></underlyingSecurityShares></underlyingSecurity>
</derivativeTransaction>"""

_OWNER = """<reportingOwner>
<reportingOwnerId><rptOwnerCik>{cik}</rptOwnerCik><rptOwnerName>DOE JANE</rptOwnerName>{more_id}</reportingOwnerId>
<reportingOwnerAddress><rptOwnerStreet1>1 MAIN ST</rptOwnerStreet1><rptOwnerState>NY</rptOwnerState>
</reportingOwnerAddress>
<reportingOwnerRelationship>{roles}</reportingOwnerRelationship>{more}
</reportingOwner>"""


def value(text: str | None, *footnotes: str) -> str:
    """The inside of a box: a value, footnote references, or both."""
    said = "" if text is None else f"<value>{text}</value>"
    return said + "".join(f'<footnoteId id="{number}"/>' for number in footnotes)


def a_purchase(**boxes: str) -> str:
    """A row of Table I: 1,000 shares bought at $10; *boxes* (by element) hold something else."""
    return _PURCHASE.format_map(
        {
            "securityTitle": value("Common Stock"),
            "transactionDate": value("2025-03-01"),
            "transactionCode": "P",
            "equitySwapInvolved": "0",
            "transactionShares": value("1000"),
            "transactionPricePerShare": value("10"),
            "transactionAcquiredDisposedCode": value("A"),
            "sharesOwnedFollowingTransaction": value("5000"),
            "more": "",
            **boxes,
        }
    )


def an_option(**boxes: str) -> str:
    """A row of Table II: options on 500 shares granted, strike $10; *boxes* (by element) hold something else."""
    return _OPTION.format_map({"conversionOrExercisePrice": value("10"), "exerciseDate": value("2026-03-01"), **boxes})


def an_owner(
    cik: str = "0009800001", *, roles: str = "<isDirector>1</isDirector>", more_id: str = "", more: str = ""
) -> str:
    """A director who reports."""
    return _OWNER.format(cik=cik, roles=roles, more_id=more_id, more=more)


def a_signature(on: str = "2025-03-03") -> str:
    """Jane Doe signs."""
    return (
        f"<ownerSignature><signatureName>Jane Doe</signatureName><signatureDate>{on}</signatureDate></ownerSignature>"
    )


def an_ownership_xml(
    *,
    prolog: str = '<?xml version="1.0"?>\n',
    root: str = "ownershipDocument",
    form: str = "4",
    period: str = "2025-03-01",
    head: str = "",
    issuer_cik: str = "0009900001",
    issuer_name: str = "EXAMPLE CORP",
    symbol: str = "EXMP",
    owners: Iterable[str] = (an_owner(),),
    plan: str | None = "0",
    table_1: Iterable[str] = (a_purchase(),),
    table_2: Iterable[str] = (),
    footnotes: Mapping[str, str] | None = None,
    tail: str = "",
    signatures: Iterable[str] = (a_signature(),),
    encoding: str = "utf-8",
) -> bytes:
    """A whole ownership document with nothing odd in it: one director, one purchase, one signature."""
    notes = "".join(f'<footnote id="{number}">{text}</footnote>\n' for number, text in (footnotes or {}).items())
    return (
        f"{prolog}<{root}>\n<schemaVersion>X0508</schemaVersion>\n<documentType>{form}</documentType>\n"
        f"<periodOfReport>{period}</periodOfReport>\n{head}<issuer><issuerCik>{issuer_cik}</issuerCik>"
        f"<issuerName>{issuer_name}</issuerName><issuerTradingSymbol>{symbol}</issuerTradingSymbol></issuer>\n"
        + "\n".join(owners)
        + ("" if plan is None else f"\n<aff10b5One>{plan}</aff10b5One>")
        + f"\n<nonDerivativeTable>\n{''.join(table_1)}\n</nonDerivativeTable>"
        f"\n<derivativeTable>\n{''.join(table_2)}\n</derivativeTable>"
        f"\n<footnotes>{notes}</footnotes>\n{tail}{''.join(signatures)}\n</{root.partition(' ')[0]}>"
    ).encode(encoding)


_TXT_HEADER = """<SEC-DOCUMENT>{accession}.txt : 20250303
<SEC-HEADER>{accession}.hdr.sgml : 20250303
<ACCEPTANCE-DATETIME>{accepted:%Y%m%d%H%M%S}
ACCESSION NUMBER:\t\t{accession}
CONFORMED SUBMISSION TYPE:\t{form}
PUBLIC DOCUMENT COUNT:\t\t1
FILED AS OF DATE:\t\t20250303

REPORTING-OWNER:\t

\tOWNER DATA:\t
\t\tCOMPANY CONFORMED NAME:\t\t\tDOE JANE
\t\tCENTRAL INDEX KEY:\t\t\t0009800001

ISSUER:\t\t

\tCOMPANY DATA:\t
\t\tCOMPANY CONFORMED NAME:\t\t\tEXAMPLE CORP
\t\tCENTRAL INDEX KEY:\t\t\t0009900001
</SEC-HEADER>
"""

_NC_HEADER = """<SUBMISSION>
<ACCESSION-NUMBER>{accession}
<TYPE>{form}
<PUBLIC-DOCUMENT-COUNT>1
<FILING-DATE>20250303
<ACCEPTANCE-DATETIME>{accepted:%Y%m%d%H%M%S}
<REPORTING-OWNER>
<OWNER-DATA>
<CONFORMED-NAME>DOE JANE
<CIK>0009800001
</OWNER-DATA>
</REPORTING-OWNER>
<ISSUER>
<COMPANY-DATA>
<CONFORMED-NAME>EXAMPLE CORP
<CIK>{issuer_cik}
</COMPANY-DATA>
</ISSUER>
"""

_PEM_HEADER = """-----BEGIN PRIVACY-ENHANCED MESSAGE-----
Proc-Type: 2001,MIC-CLEAR
Originator-Name: webmaster@www.sec.gov
MIC-Info: RSA-MD5,RSA,
 AAAABBBBCCCC==

"""


def a_part(content: bytes, *, kind: str = "4", name: str = "form4.xml") -> bytes:
    """One <DOCUMENT> of a submission."""
    head = f"<DOCUMENT>\n<TYPE>{kind}\n<SEQUENCE>1\n<FILENAME>{name}\n<TEXT>\n"
    return head.encode() + content + b"\n</TEXT>\n</DOCUMENT>\n"


def in_xml_tags(xml: bytes) -> bytes:
    """How an XML document stands in a submission."""
    return b"<XML>\n" + xml + b"\n</XML>"


def a_submission(
    xml: bytes | None = None,
    *,
    accession: str = ACCESSION,
    dialect: str = "txt",
    form: str = "4",
    issuer_cik: str = "0009900001",
    accepted: datetime = datetime(2025, 3, 3, 16, 15, 2, tzinfo=EASTERN),
    before: bytes = b"",
    after: bytes = b"",
) -> bytes:
    """A full submission around *xml* in a *dialect*: "txt", "nc" (CR line ends) or "pem" (2006)."""
    if xml is None:
        xml = an_ownership_xml(form=form)
    parts = before + a_part(in_xml_tags(xml), kind=form) + after
    said = {"accession": accession, "form": form, "issuer_cik": issuer_cik, "accepted": accepted}
    header = (_NC_HEADER if dialect == "nc" else _TXT_HEADER).format_map(said).encode()
    if dialect == "nc":
        return (header + parts + b"</SUBMISSION>\n").replace(b"\n", b"\r")
    whole = header + parts + b"</SEC-DOCUMENT>\n"
    if dialect == "pem":
        return _PEM_HEADER.encode() + whole + b"-----END PRIVACY-ENHANCED MESSAGE-----\n"
    return whole


def wrapped_lines(xml: bytes) -> bytes:
    """*xml* as EDGAR wrapped it in 2006: a line end after every 1,023 characters of a line, wherever that falls."""
    return b"\n".join(line[at : at + 1023] for line in xml.split(b"\n") for at in range(0, max(1, len(line)), 1023))
