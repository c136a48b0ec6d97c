"""What an operator can set, and what the service makes of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.edgar.pace import Host
from service.egress import Egress
from service.log.broker import Broker, Secret
from service.model.errors import ConfigError
from service.poller.rhythm import Rhythm
from service.proxy import Way, directly, through
from service.settings import values

FILE_NAME = "filingbell.db"  # in home, unless another database is named
ROLES = ("poller", "parser", "matcher", "dispatcher", "relay")
WEB = "web"  # the role that serves people and programs; the service works without it
OFF = "off"
_HERE = "127.0.0.1:8787"  # where people and programs are served, unless another address is set
PREFIX = "FILINGBELL_"

_MOST = 1_000_000  # seconds, minutes, hours, or requests a second: more was not meant
_LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)  # before EDGAR
_SEC_LIMIT = 10  # requests a second, for each user, whatever the number of machines
_UPPER, _LOWER, _CLOCK = map(BeforeValidator, (values.upper, values.lower, values.time_of_day))
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Settings(BaseSettings):
    """What the operator sets; everything has a default but the contact."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, hide_input_in_errors=True, extra="ignore", env_ignore_empty=True
    )

    home: Annotated[Path, AfterValidator(Path.expanduser)] = Field(default_factory=lambda: Path.home() / ".filingbell")
    database: SecretStr | None = None  # its address can hold a password; None: a file in home
    database_file: Path | None = None  # of whose first line that is the address
    database_pool: int = Field(default=5, ge=1)  # connections to PostgreSQL, a process
    key: SecretStr | None = None  # seals the channels' secrets, newest first; None: the file `key` in home
    kafka: str | None = None  # host:port[,host:port]; None: the database is the log
    kafka_security_protocol: Annotated[Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"], _UPPER] = "PLAINTEXT"
    kafka_sasl_mechanism: Annotated[Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"], _UPPER] = "PLAIN"
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None
    kafka_ssl_certfile: Path | None = None
    kafka_ssl_keyfile: Path | None = None
    kafka_prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,100}$")  # before every topic, group and id
    kafka_max_bytes: int = Field(default=8 * 1024 * 1024, ge=1024)  # the largest record
    kafka_compression: Annotated[Literal["none", "gzip", "snappy", "lz4", "zstd"], _LOWER] = "gzip"
    retention_hours: float = Field(default=168.0, ge=0)  # how long the database keeps events that all have read
    history_days: float = Field(default=400.0, ge=1)  # how long it keeps what became of alerts, and is done with
    past_years: float | None = Field(default=None, gt=0)  # how long it keeps what filings said; None: for ever
    http: Annotated[str | None, _LOWER] = None  # host:port, or off; None: this machine alone, where the role web runs
    http_user_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,100}$")  # of a proxy; None: of none
    http_user_from: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(values.networks)] = ()
    http_user_role: Annotated[Literal["none", "viewer", "editor", "admin"], _LOWER] = "none"  # of whom it names first
    http_trusted: str | None = None  # https://host, where a proxy serves it with TLS; None: it is for this machine
    status: Annotated[Literal["public"] | None, _LOWER] = None  # who sees /status without signing in; None: nobody
    stop_seconds: float = Field(default=25.0, gt=0)  # the longest that a graceful stop takes
    flood: Annotated[Literal["stop", "pass"], _LOWER] = "stop"  # what to do when nearly everything is unusable
    proxy: SecretStr | None = None  # http://[user:password@]host:port; None: EDGAR and channels are reached directly
    egress_allow: str = ""  # where channels that no file names may be besides the public internet
    sec_contact: str | None = None
    sec_rate: float = Field(default=5.0, gt=0)
    sec_url: str = "https://www.sec.gov"
    sec_data_url: str = "https://data.sec.gov"
    sec_timeout_seconds: float = Field(default=10.0, gt=0)  # without a byte from EDGAR
    forms: Annotated[tuple[str, ...], NoDecode, BeforeValidator(values.forms)] = ("4",)
    poll_seconds: float = Field(default=2.0, ge=0.05)  # as filings come in
    poll_quiet_seconds: float = Field(default=10.0, ge=0.05)  # when they have become rare
    poll_closed_seconds: float = Field(default=60.0, ge=0.05)  # while EDGAR is closed
    reconcile_at: Annotated[time, _CLOCK] = time(6)  # Eastern, a day after: its index holds
    silence_minutes: float = Field(default=20.0, gt=0)  # without a filing, while EDGAR is open, until somebody is told
    queue_old_minutes: float = Field(default=15.0, gt=0)  # a message may wait for a channel that works
    block_seconds: float = Field(default=600.0, gt=0)
    give_up_hours: float = Field(default=24.0, gt=0)  # how long a listed document may answer 404
    max_submission_bytes: int = Field(default=64 * 1024 * 1024, gt=0)
    max_xml_bytes: int = Field(default=8 * 1024 * 1024, gt=0)
    retry_seconds: Annotated[tuple[float, ...] | None, NoDecode, BeforeValidator(values.seconds)] = (
        None  # delays between tries of a delivery; None: the default schedule
    )
    log_level: str = "info"

    @model_validator(mode="after")
    def _sensible(self) -> "Settings":
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, float) and not value <= _MOST:  # nan is not either
                raise ValueError(f"{PREFIX}{name.upper()}: write a number up to {_MOST:,}")
        if self.retry_seconds and not all(0 <= seconds <= _MOST for seconds in self.retry_seconds):
            raise ValueError(f"{PREFIX}RETRY_SECONDS: write numbers from 0 to {_MOST:,}, such as 2,10,60")
        return self

    @model_validator(mode="after")
    def _fair(self) -> "Settings":
        for name, address in (("SEC_URL", self.sec_url), ("SEC_DATA_URL", self.sec_data_url)):
            if not values.is_site(address):
                raise ValueError(
                    f"{PREFIX}{name} must be an address such as {Settings.model_fields[name.lower()].default}"
                )
        if self.sec_rate > _SEC_LIMIT and urlsplit(self.sec_url).hostname not in _LOOPBACK:
            raise ValueError(
                f"{PREFIX}SEC_RATE is over the SEC's limit of {_SEC_LIMIT} requests a second; it would block you"
            )
        return self

    @model_validator(mode="after")
    def _reachable(self) -> "Settings":
        if self.database is not None and self.database_file is not None:
            raise ValueError(f"{PREFIX}DATABASE and {PREFIX}DATABASE_FILE are both set; set one")
        if self.proxy is not None and not values.is_site(self.proxy.get_secret_value()):
            raise ValueError(f"{PREFIX}PROXY: write http://host:port, or http://user:password@host:port")
        try:
            Egress.parse(self.egress_allow)
        except ValueError as error:
            raise ValueError(f"{PREFIX}EGRESS_ALLOW: {error}") from None
        if self.kafka is not None and not all(map(values.is_place, self.kafka.split(","))):
            raise ValueError(f"{PREFIX}KAFKA: write host:port, or several with commas between, as kafka:9092")
        if self.kafka_security_protocol.startswith("SASL") and not (
            self.kafka_sasl_username and self.kafka_sasl_password
        ):
            raise ValueError(
                f"{PREFIX}KAFKA_SECURITY_PROTOCOL={self.kafka_security_protocol} needs {PREFIX}KAFKA_SASL_USERNAME "
                f"and {PREFIX}KAFKA_SASL_PASSWORD"
            )
        if self.http not in (None, OFF) and not values.is_place(str(self.http)):
            raise ValueError(
                f"{PREFIX}HTTP: write host:port, as 127.0.0.1:9464, or 0.0.0.0:9464 for everybody; or {OFF}"
            )
        if self.http_user_header is not None and not self.http_user_from:
            raise ValueError(
                f"{PREFIX}HTTP_USER_HEADER is believed from the proxy alone: set {PREFIX}HTTP_USER_FROM to its address"
            )
        if self.http_trusted is not None and not values.is_secure_site(self.http_trusted):
            raise ValueError(
                f"{PREFIX}HTTP_TRUSTED: write the address at which a proxy with TLS serves it, as https://filings.example"
            )
        return self

    @property
    def broker(self) -> Broker | None:
        """The Kafka cluster; None: the database is the log."""
        if self.kafka is None:
            return None
        password = self.kafka_sasl_password
        return Broker(
            bootstrap=self.kafka,
            security_protocol=self.kafka_security_protocol,
            sasl_mechanism=self.kafka_sasl_mechanism,
            sasl_username=self.kafka_sasl_username,
            sasl_password=Secret(password.get_secret_value()) if password else None,
            ssl_cafile=self.kafka_ssl_cafile,
            ssl_certfile=self.kafka_ssl_certfile,
            ssl_keyfile=self.kafka_ssl_keyfile,
            prefix=self.kafka_prefix,
            max_bytes=self.kafka_max_bytes,
            compression=self.kafka_compression,
        )

    @property
    def roles(self) -> tuple[str, ...]:
        """What a whole service consists of: without Kafka there is nothing to relay."""
        return ROLES if self.kafka else tuple(role for role in ROLES if role != "relay")

    @property
    def listens(self) -> tuple[str, int] | None:
        """Host and port of pages, API, health and metrics; None: nothing listens."""
        if self.http == OFF:
            return None
        host, _, port = (self.http or _HERE).rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def serves(self) -> bool:
        """Whether people and programs can be served there: what they show must not go over a network in the clear."""
        return self.listens is not None and (self.listens[0] in _LOOPBACK or self.http_trusted is not None)

    @property
    def site(self) -> str | None:
        """The address at which a browser finds it; None: it is served nowhere."""
        if self.listens is None or not self.serves:
            return None
        host, port = self.listens
        return self.http_trusted or f"http://{f'[{host}]' if ':' in host else host}:{port}"

    @property
    def retention(self) -> timedelta:
        """How long the database keeps events that are in Kafka, or that all groups have read."""
        return timedelta(hours=self.retention_hours)

    @property
    def history(self) -> timedelta:
        """How long the database keeps what became of alerts, and is done with."""
        return timedelta(days=self.history_days)

    def past(self, now: datetime) -> datetime | None:
        """Before when what filings said is forgotten; None: it never is."""
        days = None if self.past_years is None else self.past_years * 365.25
        return None if days is None or days > (now - _LONG_AGO).days else now - timedelta(days=days)

    @property
    def database_url(self) -> str:
        """The database's address."""
        if self.database_file is not None:
            return _first_line(self.database_file)
        return self.database.get_secret_value() if self.database else f"sqlite:///{self.home}/{FILE_NAME}"

    @property
    def way(self) -> Way:
        """How EDGAR and the channels are reached."""
        return through(self.proxy.get_secret_value()) if self.proxy else directly

    @property
    def egress(self) -> Egress:
        """Where alerts may be sent besides the public internet, whoever names it."""
        return Egress.parse(self.egress_allow)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The passwords, and the proxy's address, which may hold one."""
        found = (*_passwords(self.database_url), self.kafka_sasl_password, self.proxy)
        return tuple(one if isinstance(one, str) else one.get_secret_value() for one in found if one)

    @property
    def vault_key(self) -> str | None:
        """The keys that seal secrets, with commas between; None: the one in home."""
        return self.key.get_secret_value() if self.key else None

    @property
    def sites(self) -> dict[Host, str]:
        """Where EDGAR is. A rate that the SEC would not take, for a look-alike, is for the look-alike alone."""
        sites = {Host.WWW: self.sec_url, Host.DATA: self.sec_data_url}
        if self.sec_rate <= _SEC_LIMIT:
            return sites
        return {host: site for host, site in sites.items() if urlsplit(site).hostname in _LOOPBACK}

    @property
    def rhythm(self) -> Rhythm:
        """How often the feed is looked at."""
        return Rhythm(busy=self.poll_seconds, quiet=self.poll_quiet_seconds, closed=self.poll_closed_seconds)

    @property
    def give_up(self) -> timedelta:
        """How long a listed document may answer 404."""
        return timedelta(hours=self.give_up_hours)

    def contact(self) -> str:
        """The declared contact; raises ConfigError without one, since the SEC blocks anonymous clients."""
        if not self.sec_contact or "@" not in self.sec_contact or not self.sec_contact.isascii():
            raise ConfigError(
                "the SEC blocks clients that do not say who they are. Set your name and e-mail address:\n"
                f'  export {PREFIX}SEC_CONTACT="Your Name you@example.com"'
            )
        return " ".join(self.sec_contact.split())


def _passwords(address: str) -> Iterator[str]:
    """Those in a database's *address*, which nobody has checked yet."""
    place, _, query = address.partition("://")[2].partition("?")
    yield place.partition("/")[0].rpartition("@")[0].partition(":")[2]
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in ("password", "sslpassword"):
            yield value


def _first_line(file: Path) -> str:
    """The address in *file*, a secret that is mounted, say; raises ConfigError."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{PREFIX}DATABASE_FILE: {file} cannot be read: {error}") from error
    if not lines or not lines[0].strip():
        raise ConfigError(f"{PREFIX}DATABASE_FILE: {file} is empty; write the database's address into it")
    return lines[0].strip()
