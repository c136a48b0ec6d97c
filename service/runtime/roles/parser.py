"""The role that reads documents."""

from contextlib import AsyncExitStack

from consumers.parser.limits import Limits
from consumers.parser.step import ParserStep
from service.clock import now
from service.runtime.beside import ReaderBeside
from service.runtime.ground import Ground
from service.runtime.roles import Loops


def loops(ground: Ground) -> Loops:
    """Filings become parsed ones, or dead letters."""
    settings = ground.settings
    limits = Limits(submission_bytes=settings.max_submission_bytes, xml_bytes=settings.max_xml_bytes)

    async def parse() -> None:
        async with AsyncExitStack() as stack:
            beside = None
            if len(ground.roles) > 1:  # else nobody here has anything to do meanwhile
                beside = await stack.enter_async_context(ReaderBeside(limits))
            await ground.stage(ParserStep(now, limits, ground.vitals, beside))

    yield "parser", parse
