"""Between what a person writes (names, secrets in the clear) and what is stored (ids, secrets sealed)."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from consumers.dispatcher.channels import CHANNELS
from consumers.dispatcher.channels import load as load_channels
from consumers.language.groups import JOINING, WATCHLISTS
from consumers.language.rules import rules as load_rules
from consumers.language.rules import watchlists as load_watchlists
from consumers.matcher.match import CompiledRule
from service.egress import ALLOW, PUBLIC, Egress
from service.model.errors import ConfigError, Fault, Faulty
from service.model.resource import Resource, ResourceKind
from service.model.rule import Watchlist
from service.text import is_text
from service.vault import Vault, is_sealed

_NO_TEXT = "a character stands here that no text has; take it away"
SECRET = "(secret)"  # noqa: S105  # what is shown in place of one
SECTIONS: Mapping[ResourceKind, str] = {
    ResourceKind.CHANNEL: "channels",
    ResourceKind.WATCHLIST: "watchlists",
    ResourceKind.RULE: "rules",
}
"""Below which key of a configuration file each kind stands."""

_REFERENCES: Mapping[str, ResourceKind] = dict.fromkeys(WATCHLISTS, ResourceKind.WATCHLIST) | {
    "channels": ResourceKind.CHANNEL
}


class Inventory:
    """Names and ids of a workspace's resources."""

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._by_name: dict[ResourceKind, dict[str, Resource]] = {kind: {} for kind in ResourceKind}
        self._by_id: dict[str, Resource] = {}
        self.watchlists: dict[str, Watchlist] = {}  # by name alone: whoever checks a rule need not know who is on them
        for one in resources:
            self.add(one)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_id.values())

    def add(self, resource: Resource) -> None:
        """Add *resource*, whose name and id nothing here has."""
        self._by_name[resource.kind][resource.name] = self._by_id[resource.id] = resource
        if resource.kind is ResourceKind.WATCHLIST:
            self.watchlists[resource.name] = Watchlist(name=resource.name)

    def find(self, kind: ResourceKind, named: str) -> Resource | None:
        """The resource with this name, or this id."""
        found = self._by_name[kind].get(named) or self._by_id.get(named)
        return found if found and found.kind is kind else None

    def names(self, kind: ResourceKind) -> Collection[str]:
        """The names of this *kind*."""
        return self._by_name[kind].keys()

    def id_of(self, kind: ResourceKind, name: str) -> str:
        """The id of what has *name*."""
        return self._by_name[kind][name].id

    def name_of(self, resource: str) -> str:
        """The name of what has this id; the id itself where it was removed."""
        return self._by_id[resource].name if resource in self._by_id else resource


def stored(
    kind: ResourceKind, name: str, content: Any, known: Inventory, vault: Vault, egress: Egress | None = PUBLIC
) -> dict[str, Any]:
    """*content* as it is stored; raises Faulty with everything that is wrong with it.

    *egress* is what channels may name besides the public internet; None: anything, since the operator's file names it.
    """
    try:
        _check(kind, name, content, known, egress)
    except ConfigError as error:
        raise Faulty(f"the {kind} {name!r} cannot be used:", error.faults) from None
    section = dict(content)
    if odd := tuple(
        Fault((SECTIONS[kind], name, key), _NO_TEXT) for key, value in section.items() if not is_text(value)
    ):
        raise Faulty(f"the {kind} {name!r} cannot be used:", odd)
    if kind is ResourceKind.CHANNEL:
        secret, numeric = (_fields(section["type"], *of) for of in ((SecretStr,), (float, int)))
        return {
            key: _sealed(value, vault) if key in secret else _number(value) if key in numeric else value
            for key, value in section.items()
        }
    return _referring(section, known.id_of) if kind is ResourceKind.RULE else section


def same(before: Mapping[str, Any], after: Mapping[str, Any], vault: Vault) -> bool:
    """Whether two stored sections mean the same; a secret that is sealed anew is another text.

    Where *before* is not sealed with the newest key, or with one that is lost, *after* is to take its place.
    """
    return vault.up_to_date(dict(before)) and bool(vault.opened(dict(before)) == vault.opened(dict(after)))


def shown(resource: Resource, known: Inventory) -> dict[str, Any]:
    """The section as its author would write it, but for its secrets."""
    section = _mapped(dict(resource.section), lambda value: SECRET if is_sealed(value) else None)
    assert isinstance(section, dict)
    return _referring(section, lambda _, one: known.name_of(one)) if resource.kind is ResourceKind.RULE else section


def in_words(rule: Resource, known: Inventory) -> tuple[str, ...]:
    """What *rule* asks for, with the numbers that were read; empty: this version cannot read it, or it asks for all."""
    try:
        (read,) = load_rules({rule.name: shown(rule, known)}, known.watchlists, known.names(ResourceKind.CHANNEL))
    except ConfigError:
        return ()
    return tuple(CompiledRule.of(read).claims)


def references(section: Mapping[str, Any]) -> set[str]:
    """The ids of what a rule's *section*, as it is stored, refers to."""
    found = set[str]()

    def note(_: ResourceKind, one: str) -> str:
        found.add(one)
        return one

    _referring(section, note)
    return found


def kept(content: Any, before: Resource, vault: Vault) -> Any:
    """*content*, where a secret that is given as it is ``shown`` is the one that *before* has.

    Raises ConfigError where that was sealed with a key that is lost.
    """
    if not isinstance(content, dict):
        return content
    return {
        key: vault.opened(before.section[key]) if key in before.section and _stands_for(value) else value
        for key, value in content.items()
    }


def _stands_for(value: Any) -> bool:
    """Whether *value* is what is shown in place of secrets."""
    return value == SECRET or (isinstance(value, list) and bool(value) and all(one == SECRET for one in value))


def without_secrets(resource: Resource | None) -> Resource | None:
    """*resource* as the audit log keeps it."""
    if resource is None or resource.kind is not ResourceKind.CHANNEL:  # which alone have any
        return resource
    section = _mapped(dict(resource.section), lambda value: SECRET if is_sealed(value) else None)
    return Resource(**{**{name: getattr(resource, name) for name in Resource.__struct_fields__}, "section": section})


def _check(kind: ResourceKind, name: str, content: Any, known: Inventory, egress: Egress | None) -> None:
    match kind:
        case ResourceKind.CHANNEL:
            _check_type(name, content, egress)
            wrong = egress.wrong(load_channels({name: content})[name].url) if egress is not None else None
            if wrong:
                told = f"{wrong}: name it in the file that is applied, or have the operator set {ALLOW}"
                place = CHANNELS[content["type"]][0].place
                raise ConfigError("the channels cannot be used", (Fault(("channels", name, place), told),))
        case ResourceKind.WATCHLIST:
            load_watchlists({name: content})
        case ResourceKind.RULE:
            load_rules({name: content}, known.watchlists, known.names(ResourceKind.CHANNEL))


def _check_type(name: str, content: Any, egress: Egress | None) -> None:
    """Raises ConfigError where only the operator's file can have such a channel."""
    of = content.get("type") if isinstance(content, Mapping) else None
    if egress is not None and isinstance(of, str) and of in CHANNELS and CHANNELS[of][0].operators:
        told = f"a channel of the type {of} can reach anything: it can stand only in the file that is applied"
        raise ConfigError("the channels cannot be used", (Fault(("channels", name, "type"), told),))


def _referring(section: Mapping[str, Any], change: Callable[[ResourceKind, str], str]) -> dict[str, Any]:
    """A rule's *section* with what it refers to changed, in its groups too."""
    made = dict(section)
    for key, kind in _REFERENCES.items():
        if key in made:
            made[key] = list(dict.fromkeys(change(kind, str(one)) for one in _several(made[key])))
    for key in JOINING:
        if key in made:
            made[key] = [_referring(group, change) for group in _several(made[key])]
    return made


def _several(value: Any) -> list[Any]:
    """A list, in whose place one alone may stand."""
    return value if isinstance(value, list) else [value]


def _fields(channel_type: str, *held: type) -> frozenset[str]:
    """The settings of a type of channel that hold values of one of the types *held*."""
    fields = CHANNELS[channel_type][0].model_fields
    names = re.compile(rf"\b({'|'.join(one.__name__ for one in held)})\b")
    return frozenset(name for name, field in fields.items() if names.search(str(field.annotation)))


def _number(value: Any) -> Any:
    """*value*, which was checked, as a file has it: on a command line a number is text."""
    if not isinstance(value, str):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number


def _sealed(value: Any, vault: Vault) -> Any:
    if isinstance(value, list):
        return [vault.seal(str(item)) for item in value]
    return vault.seal(str(value))


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    changed = change(value)
    if changed is not None:
        return changed
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    return [_mapped(item, change) for item in value] if isinstance(value, list) else value
