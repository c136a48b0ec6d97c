"""``schema``: what topics' values and notices look like, for their consumers, and the configuration, for editors."""

from importlib.metadata import version

from consumers.schema import configuration_schema
from service import settings as environment
from service.cli.out import print_json
from service.log.broker import Broker
from service.model.errors import ConfigError
from service.wire.asyncapi import asyncapi
from service.wire.schema import json_schema, notice_schema
from service.wire.topics import Topic

_LOCAL = Broker(bootstrap="127.0.0.1:9092")  # Kafka's own port; FILINGBELL_KAFKA says where yours is


_CONFIG = "config"  # what the configuration file is called among the topics
_NOTICE = "notice"  # and a notice, as a webhook is sent it


def schema(name: str | None, *, as_asyncapi: bool) -> None:
    """Print the JSON Schema of *name*, a topic (None: all), the configuration or a notice; or an AsyncAPI document."""
    if name == _CONFIG:
        print_json(configuration_schema())
        return
    if name == _NOTICE:
        print_json(notice_schema())
        return
    topics = tuple(Topic) if name is None else (_topic(name),)
    if as_asyncapi:
        found = asyncapi(version("filingbell"), environment.load().broker or _LOCAL, topics)
    elif name is None:
        found = {topic.value: json_schema(topic) for topic in topics}
    else:
        found = json_schema(*topics)
    print_json(found)


def _topic(name: str) -> Topic:
    try:
        return Topic(name)
    except ValueError:
        raise ConfigError(
            f"there is no topic {name!r}; the topics are {', '.join(Topic)}, {_CONFIG} is the configuration file, and "
            f"{_NOTICE} what a webhook is sent beside alerts"
        ) from None
