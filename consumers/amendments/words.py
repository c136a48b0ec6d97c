"""What an amendment says of itself, in its footnotes and remarks: why it is filed."""

import re
from collections.abc import Iterable
from enum import Enum, auto

_FILING = r"(?:forms? 4(?:/A)?|(?:this|that|the|such|prior|original|initial|previous) (?:form|filing|report|amendment))"
_DEED = (
    r"(?:transaction|row|line(?: item)?|sale|purchase|acquisition|disposition|disposal|grant|award|entry|exercise)s?"
)

_MISTAKENLY = r"(?:inadvertently|erroneously|mistakenly)"
_BY_MISTAKE = rf"(?:in error|by mistake|{_MISTAKENLY})"


class AmendmentClaim(Enum):
    """Why an amendment is filed."""

    WITHDRAWN = auto()  # the filing as a whole is taken back
    DELETED = auto()  # something that it reported is
    MISTAKEN = auto()  # something was reported by mistake: it is taken back, or put right
    OMITTED = auto()  # something was left out
    CORRECTED = auto()  # something is put right
    ATTACHED = auto()  # an exhibit is added, and nothing else


_SAID: dict[AmendmentClaim, tuple[str, ...]] = {
    AmendmentClaim.WITHDRAWN: (
        rf"\bwithdr(?:aw(?:s|n|ing|al)?|ew)\b.{{0,80}}\b{_FILING}\b",
        rf"\b{_FILING}\b.{{0,80}}\b(?:is|was|are|were|be|been|being) (?:hereby )?(?:withdrawn|rescinded|voided)",
        rf"\b(?:rescind|void|disregard)(?:s|ed|ing)?\b.{{0,40}}\b{_FILING}\b",
        rf"\b{_FILING}\b.{{0,80}}\b(?:was|were) (?:\w+ )?(?:filed|submitted) {_BY_MISTAKE}",
        rf"\b{_FILING}\b.{{0,80}}\b(?:was|were) {_MISTAKENLY} (?:filed|submitted)",
        r"\bduplicate (?:copy of (?:the |this |a )?)?(?:form 4|filing|submission|report)\b",
        rf"\bno {_DEED} (?:has |had |have )?(?:occurred|took place|taken place)\b",
        rf"\b{_DEED}\b.{{0,60}}\b(?:did not|never|had not) (?:occur|take place|occurred|taken place)",
    ),
    AmendmentClaim.DELETED: (
        rf"\b(?:delet|remov|eliminat)(?:e|es|ed|ing|ion)\b.{{0,80}}\b{_DEED}\b",
        rf"\b{_DEED}\b.{{0,80}}\b(?:is|are|was|were|been) (?:hereby )?(?:deleted|removed|eliminated)\b",
        r"\bshould not have (?:been (?:reported|included|listed|shown|filed|a separate)|had? a? ?separate)",
        rf"\b{_DEED}\b.{{0,60}}\b{_MISTAKENLY} included\b",
    ),
    AmendmentClaim.MISTAKEN: (
        r"\b(?:inadvertent|erroneous|mistaken|incorrect)ly\b",
        r"\bin error\b",
        r"\bby mistake\b",
    ),
    AmendmentClaim.OMITTED: (
        r"\bomi(?:t|ts|tted|ssion)\b",
        r"\b(?:was|were|had|has) not (?:previously |been |originally )*(?:reported|included)\b",
        r"\bfail(?:ed|ure) to (?:report|include|disclose)\b",
        rf"\b{_MISTAKENLY} (?:not|failed|excluded|left out)\b",
        r"\b(?:to|solely to) (?:add|include|supplement|disclose)\b",
        rf"\b(?:additional|another|second|third)\b.{{0,20}}\b{_DEED}\b",
        r"\bin addition to\b.{0,80}\b(?:previously|originally|prior)\b",
        r"\bsupplements?\b",
    ),
    AmendmentClaim.CORRECTED: (
        r"\bcorrect(?:s|ed|ing|ion|ions)?\b",
        r"\b(?:mis|over|under)stat(?:e|es|ed|ing|ement)",
        r"\bmisreport(?:s|ed|ing)?\b",
        r"\btypographical\b",
        r"\b(?:incorrect|erroneous|inaccurate)\b",
        r"\b(?:clerical|administrative|scrivener'?s|calculation|transcription) error",
        r"\brather than\b",
        r"\bshould have (?:been|read|stated|reported|reflected)\b",
    ),
    AmendmentClaim.ATTACHED: (
        r"\bexhibits?\b",
        r"\bpowers? of attorney\b",
        r"\bsignatures?\b",
        r"\bconfirming statements?\b",
    ),
}
_PATTERNS = {claim: re.compile("|".join(f"(?:{one})" for one in said), re.IGNORECASE) for claim, said in _SAID.items()}
_OF_ITSELF = re.compile(
    r"\bamend(?:s|ed|ing|ment)?\b|\b4/A\b|\bduplicate\b|\bform 4\b.{0,40}\bfiled\b|\bfiled an? form 4\b"
    r"|\b(?:original|initial|prior|previous|earlier)(?:ly)?\b.{0,40}\b(?:form|filing|filed|reported|report)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+(?=[A-Z(\"'])")
_LONG = 20_000  # characters that are read


def of_itself(text: str) -> bool:
    """Whether *text* speaks of the amendment, or of what it amends."""
    return _OF_ITSELF.search(" ".join(text[:_LONG].split())) is not None


def claims(texts: Iterable[str]) -> dict[AmendmentClaim, str]:
    """What *texts* claim, each with the first sentence that does."""
    found = dict[AmendmentClaim, str]()
    for text in texts:
        flat = " ".join(text[:_LONG].split())
        if not any(pattern.search(flat) for pattern in _PATTERNS.values()):
            continue
        for sentence in _SENTENCE.split(flat):
            made = [claim for claim, pattern in _PATTERNS.items() if pattern.search(sentence)]
            if (
                AmendmentClaim.OMITTED in made
            ):  # "inadvertently omitted" does not say that something was reported by mistake
                made = [claim for claim in made if claim is not AmendmentClaim.MISTAKEN]
            for claim in made:
                found.setdefault(claim, sentence)
    return found
