"""Settings of the environment: ``FILINGBELL_*``."""

from service.settings.model import FILE_NAME, OFF, ROLES, WEB, Settings
from service.settings.reading import load

__all__ = ["FILE_NAME", "OFF", "ROLES", "WEB", "Settings", "load"]
