"""The role that serves people and programs; what they ask is served by the address that the process listens on."""

from service.control.upkeep import Upkeep
from service.runtime.ground import Ground
from service.runtime.roles import Loops
from service.settings import WEB


def loops(ground: Ground) -> Loops:
    """What it does by itself."""
    yield WEB, Upkeep(ground.database, ground.clock, ground.vitals).run
