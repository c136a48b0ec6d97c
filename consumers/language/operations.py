"""The ``operations`` of the configuration file: who is told of the service itself."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ValidationError

from consumers.language.sections import ChannelNames, Section, faults_of
from service.model.errors import ConfigError, Fault


class OperationsSection(Section):
    """The settings of operations."""

    called = "operations"

    channels: ChannelNames


def load(section: Any, channels: Collection[str]) -> tuple[str, ...]:
    """The channels for operations; raises ConfigError with every fault."""
    if section is None:
        return ()
    path = ("operations",)
    if not isinstance(section, Mapping):
        fault = Fault(path, "'channels' must stand below this, as in 'channels: [ops]'")
        raise ConfigError("operations cannot be used", (fault,))
    try:
        entry = OperationsSection.model_validate(section, context={"channel": channels})
    except ValidationError as error:
        raise ConfigError("operations cannot be used", tuple(faults_of(error, OperationsSection, path))) from None
    return tuple(dict.fromkeys(entry.channels))
