"""``schema``: what the topics' values look like, for whoever consumes them."""

import sys
from importlib.metadata import version

import orjson

from service.model.errors import ConfigError
from service.wire.schema import asyncapi, json_schema
from service.wire.topics import Topic


def schema(topic: str | None, *, as_asyncapi: bool) -> None:
    """Print the JSON Schema of *topic* (None: of every topic, by name), or an AsyncAPI document."""
    if as_asyncapi:
        found = asyncapi(version("filingbell"))
    elif topic is None:
        found = {one.value: json_schema(one) for one in Topic}
    else:
        try:
            found = json_schema(Topic(topic))
        except ValueError:
            raise ConfigError(f"there is no topic {topic!r}; the topics are {', '.join(Topic)}") from None
    sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
