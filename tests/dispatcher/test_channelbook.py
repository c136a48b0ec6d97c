"""What is sent to follows what is changed, and changes no more than that."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from consumers.dispatcher.channelbook import changed, channelbook
from service.model.identity import DEFAULT, Prefix, Revision, derived_id
from service.model.resource import Resource, ResourceKind
from service.store.resources import Since
from service.vault import Vault, open_vault

NOW = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """One of its own."""
    return open_vault(tmp_path, None)


def a_channel(vault: Vault, name: str, revision: int) -> Resource:
    section = {"type": "slack", "url": f"https://hooks.slack.com/services/T/B/{name}"}
    return Resource(
        id=derived_id(Prefix.CHANNEL, name),
        kind=ResourceKind.CHANNEL,
        workspace=DEFAULT,
        name=name,
        section=section | {"url": vault.seal(section["url"])},
        enabled=True,
        file=None,
        revision=Revision(revision),
        created=NOW,
    )


def since(revision: int, *resources: Resource) -> Since:
    return Since(revision=Revision(revision), changed=resources, naming=(), named=())


def test_the_next_book_is_the_one_that_all_of_it_would_make(vault: Vault) -> None:
    """One is new, one is changed, one is disabled, one removed; one stays, and is not even unsealed again."""
    stays, edited, disabled, removed = (a_channel(vault, name, 1) for name in "abcd")
    book = channelbook(vault)(Revision(1), [stays, edited, disabled, removed])
    changes = (
        a_channel(vault, "b", 2),
        replace(disabled, enabled=False, revision=Revision(3)),
        replace(removed, removed=NOW, revision=Revision(4)),
        a_channel(vault, "e", 5),
    )
    following = changed(vault)(book, since(5, *changes))

    whole = channelbook(vault)(Revision(5), [stays, changes[0], changes[1], changes[3]])
    assert {one: it.revision for one, it in whole.addressees.items()} == {
        one: it.revision for one, it in following.addressees.items()
    }
    assert set(whole.secrets) == set(following.secrets)
    assert book.addressees[stays.id] is following.addressees[stays.id]


def test_a_change_of_rules_leaves_the_book_as_it_is(vault: Vault) -> None:
    """The very same one: the sender takes nothing over."""
    book = channelbook(vault)(Revision(1), [a_channel(vault, "a", 1)])
    rule = replace(a_channel(vault, "r", 2), kind=ResourceKind.RULE)

    assert book is changed(vault)(book, since(2, rule))
