"""Settings of the environment: ``INSIDERWIRE_*``."""

import difflib
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.model.errors import ConfigError

log = structlog.get_logger()

_PREFIX = "INSIDERWIRE_"
_SEC_LIMIT = 10  # requests a second, for each user, whatever the number of machines
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FORMS = frozenset({"3", "4", "5"})


def _forms(value: object) -> object:
    if not isinstance(value, str):
        return value
    forms = tuple(part.strip() for part in value.split(",") if part.strip())
    if not forms or not _FORMS.issuperset(forms):
        raise ValueError("write the forms as 4, or as 3,4,5 (amendments are included)")
    return forms


def _seconds(value: object) -> object:
    return tuple(float(part) for part in value.split(",")) if isinstance(value, str) else value


class Settings(BaseSettings):
    """What the operator sets; everything has a default but the contact."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, hide_input_in_errors=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".insiderwire")
    database: SecretStr | None = None  # its address can hold a password; None: a file in home
    kafka: str | None = None
    sec_contact: str | None = None
    sec_rate: float = Field(default=5.0, gt=0)
    sec_url: str = "https://www.sec.gov"
    forms: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_forms)] = ("4",)
    poll_seconds: float = Field(default=2.0, ge=0.05)
    block_seconds: float = Field(default=600.0, gt=0)
    give_up_hours: float = Field(default=24.0, gt=0)  # how long a listed document may answer 404
    max_submission_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    max_xml_bytes: int = Field(default=8 * 1024 * 1024, gt=0)
    retry_seconds: Annotated[tuple[float, ...] | None, NoDecode, BeforeValidator(_seconds)] = (
        None  # delays between tries of a delivery; None: the default schedule
    )
    log_level: str = "info"

    @model_validator(mode="after")
    def _fair(self) -> "Settings":
        parts = urlsplit(self.sec_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{_PREFIX}SEC_URL must be an address such as https://www.sec.gov")
        if self.sec_rate > _SEC_LIMIT and parts.hostname not in _LOOPBACK:
            raise ValueError(
                f"{_PREFIX}SEC_RATE is over the SEC's limit of {_SEC_LIMIT} requests a second; it would block you"
            )
        return self

    @property
    def database_url(self) -> str:
        """The database's address."""
        return self.database.get_secret_value() if self.database else f"sqlite:///{self.home}/insiderwire.db"

    @property
    def give_up(self) -> timedelta:
        """How long a listed document may answer 404."""
        return timedelta(hours=self.give_up_hours)

    def contact(self) -> str:
        """The declared contact; raises ConfigError without one, since the SEC blocks anonymous clients."""
        if not self.sec_contact or "@" not in self.sec_contact or not self.sec_contact.isascii():
            raise ConfigError(
                "the SEC blocks clients that do not say who they are. Set your name and e-mail address:\n"
                f'  export {_PREFIX}SEC_CONTACT="Your Name you@example.com"'
            )
        return " ".join(self.sec_contact.split())


def load() -> Settings:
    """The settings of the environment; raises ConfigError that names every variable at fault."""
    try:
        settings = Settings()
    except ValidationError as error:
        lines = []
        for found in error.errors(include_url=False, include_input=False):
            name = f"{_PREFIX}{str(found['loc'][0]).upper()}: " if found["loc"] else ""
            lines.append(f"{name}{found['msg'].removeprefix('Value error, ')}")
        raise ConfigError("\n".join(lines)) from error
    for name in sorted(os.environ):
        field = name.removeprefix(_PREFIX).lower()
        close = difflib.get_close_matches(field, Settings.model_fields, n=1, cutoff=0.85)
        if name.startswith(_PREFIX) and close and field != close[0]:
            log.warning("an unknown setting is passed over", name=name, meant=f"{_PREFIX}{close[0].upper()}")
    if settings.kafka:
        raise ConfigError(f"{_PREFIX}KAFKA: Kafka is not supported by this version; unset it to use the embedded log")
    return settings
