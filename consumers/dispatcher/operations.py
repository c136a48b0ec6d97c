"""The ``operations`` of the configuration file: who is told of the service itself."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from consumers.config import Section, faults_of, unknown_key
from service.model.errors import ConfigError, Fault


class OperationsSection(Section):
    """The settings of operations."""

    channels: Annotated[
        list[str], BeforeValidator(lambda value: value if isinstance(value, list) else [value]), Field(min_length=1)
    ]


def load(section: Any, channels: Collection[str]) -> tuple[str, ...]:
    """The channels for operations; raises ConfigError with every fault."""
    if section is None:
        return ()
    path = ("operations",)
    if not isinstance(section, Mapping):
        fault = Fault(path, "'channels' must stand below this, as in 'channels: [ops]'")
        raise ConfigError("operations cannot be used", (fault,))
    try:
        entry = OperationsSection.model_validate(section)
    except ValidationError as error:
        raise ConfigError("operations cannot be used", tuple(faults_of(error, OperationsSection, path))) from error
    unknown = [name for name in entry.channels if name not in channels]
    if unknown:
        faults = [
            Fault((*path, "channels"), f"channel {unknown_key(name, channels)}".replace(" here", ""))
            for name in unknown
        ]
        raise ConfigError("operations cannot be used", tuple(faults))
    return tuple(dict.fromkeys(entry.channels))
