"""Where Kafka is and how it is reached: what consumers, relay and administration share."""

import ssl
from pathlib import Path
from typing import Any

from msgspec import Struct

from service.model.errors import ConfigError
from service.wire.topics import Topic


class Secret(Struct, frozen=True):
    """A password, which shows nowhere."""

    value: str

    def __repr__(self) -> str:
        return "Secret()"


class Broker(Struct, frozen=True, kw_only=True):
    """A Kafka cluster, and the names used on it."""

    bootstrap: str  # host:port, or several of them with commas between
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    sasl_username: str | None = None
    sasl_password: Secret | None = None
    ssl_cafile: Path | None = None  # None: the system's authorities
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    prefix: str = ""  # stands before every topic, group and transactional id
    max_bytes: int = 8 * 1024 * 1024  # the largest record
    compression: str = "gzip"  # what every client reads as it comes

    def topic(self, topic: Topic) -> str:
        """The name of *topic* on this cluster."""
        return f"{self.prefix}{topic}"

    def group(self, role: str) -> str:
        """The consumer group of *role*."""
        return f"{self.prefix}filingbell-{role}"

    def client(self) -> dict[str, Any]:
        """How a client of aiokafka connects; raises ConfigError where a certificate cannot be read."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap,
            "client_id": "filingbell",
            "security_protocol": self.security_protocol,
            "request_timeout_ms": 20_000,
            "metadata_max_age_ms": 60_000,
        }
        if self.security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password.value if self.sasl_password else None,
            }
        if self.security_protocol.endswith("SSL"):
            options["ssl_context"] = self._ssl()
        return options

    def _ssl(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=str(self.ssl_cafile) if self.ssl_cafile else None)
            if self.ssl_certfile:
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"FILINGBELL_KAFKA_SSL_*: the certificates cannot be read: {error}") from error
        return context
