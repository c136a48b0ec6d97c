"""The role that reads documents."""

from functools import partial

from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.clock import now
from service.runtime.ground import Ground
from service.runtime.roles import Loops


def loops(ground: Ground) -> Loops:
    """Filings become parsed ones, or dead letters."""
    settings = ground.settings
    limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)
    yield "parser", partial(ground.stage, ParserStep(now, limits, ground.vitals))
