"""One rule in YAML, as a person types it: what it says, and where its faults stand."""

import pytest

from consumers.language.draft import Draft
from consumers.language.yamlfile import written
from service.model.errors import Fault


def test_a_fault_stands_at_its_line_and_column() -> None:
    """At the character, where it knows which; also below the rule's name."""
    faults = [Fault(("kinds", 1), "no kind"), Fault(("when",), "write &&", 10), Fault((), "channels is missing")]
    bare = Draft("kinds: [sale, sal]\nwhen: value > 5 and x\n")
    named = Draft("big:\n  kinds: [sale, sal]\n  when: value > 5 and x\n")

    assert [(1, 1), (1, 15), (2, 17)] == [(one.line, one.column) for one in bare.placed(faults)]
    assert [(1, 1), (2, 17), (3, 19)] == [(one.line, one.column) for one in named.placed(faults)]
    assert (None, "big") == (bare.name, named.name)
    assert {"kinds": ["sale", "sal"], "when": "value > 5 and x"} == bare.content == named.content


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("kinds: [sale", (1, 13), "the list that begins with [ needs a comma"),
        ("kinds: sale\nkinds: gift", (2, 1), "key 'kinds' stands twice"),
        ("- sale", (1, 1), "settings stand here, each on its own line"),
        ("sale", (1, 1), "settings stand here"),
        ("kinds: sale\n\x07", (2, 1), "a control character stands here"),
        ('kinds: sale\ndescription: "a\\u0000b"', (2, 14), "a character stands here that no text has"),
        ('description: "\\ud800"', (1, 14), "a character stands here that no text has"),
        ("value: !usd 5", (1, 8), "tags (such as !this) mean nothing here"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, place: tuple[int, int], message: str) -> None:
    """The first place, since nothing behind it is known."""
    (wrong,) = Draft(text).unreadable

    assert place == (wrong.line, wrong.column)
    assert message in wrong.message


def test_aliases_cannot_blow_up_a_text() -> None:
    """Whoever may write a rule must not stop the service by it: forty lines stand for a million million values."""
    lines = [f"a{number}: &a{number} [*a{number - 1}, *a{number - 1}]" for number in range(1, 40)]
    (wrong,) = Draft("\n".join(["a0: &a0 [x, x]", *lines])).unreadable

    assert "aliases (*) repeat more here than anybody means" in wrong.message


def test_aliases_stand_for_what_they_name() -> None:
    """As in any YAML."""
    assert {"watchlist": ["a"], "exclude": ["a"]} == Draft("watchlist: &a [a]\nexclude: *a\n").content


@pytest.mark.parametrize("text", ["", "  \n", "# nothing\n"])
def test_an_empty_text_is_an_empty_rule(text: str) -> None:
    """An editor begins with it."""
    draft = Draft(text)

    assert ({}, None, ()) == (draft.content, draft.name, draft.unreadable)


def test_a_group_alone_is_no_name() -> None:
    """A rule may be nothing but what it must not be."""
    assert {"not": {"kinds": "sale"}} == Draft("not: {kinds: sale}").content


@pytest.mark.parametrize(
    "content",
    [
        {"kinds": ["sale", "gift"], "value": ">= $1m", "plan_10b5_1": False, "shares": 5},
        {"description": "Buys: > $5 # x", "when": '("ceo" in role)\n&& value > 5', "channels": ["a, b", "yes"]},
        {"any_of": [{"kinds": "sale"}, {"not": [{"flags": ["currency"]}]}], "description": "n\u00e4ve \u202e"},
    ],
)
def test_what_is_written_reads_as_it_was(content: dict[str, object]) -> None:
    """Whatever stands in it."""
    draft = Draft(written(content))

    assert () == draft.unreadable
    assert content == draft.content
