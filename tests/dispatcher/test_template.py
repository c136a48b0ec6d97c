"""Messages in words of a channel's own: what a template can say, what it may not do, and what comes where it fails."""

from typing import Any

import pytest

from consumers.dispatcher.channels import load
from consumers.dispatcher.render import rendering
from consumers.dispatcher.seen import seen
from consumers.dispatcher.template import EXAMPLE, FILTERS, LONGEST, NAMES, Template, TemplateFailed
from service.model.errors import ConfigError
from service.wire import encode
from tests.dispatcher.kinds import KINDS
from tests.dispatcher.test_every_channel import an_alert_of_everything
from tests.kit.documents import an_alert, an_option
from tests.kit.filings import now
from tests.kit.places import DOCS

GRANT = an_alert(an_option(), footnotes={"F1": "vests"})
WORDED = sorted(name for name, kind in KINDS.items() if "template" in kind.more)


def shown(name: str, template: str, alert: Any) -> str:
    """What people see of *alert* in a channel of the kind *name* with the *template*."""
    channel = load({"desk": {**KINDS[name].section, "template": template}})["desk"]
    return "\n".join(part.text for part in seen(channel.request(alert, encode(alert), now())))


@pytest.mark.parametrize("name", WORDED)
def test_a_template_says_what_it_says(name: str) -> None:
    """In every channel that people read: its first line is the headline, the others follow, and no more."""
    template = "Grant at {{ form }}!\n{% for row in rows %}{{ row.shares }} at {{ row.strike }}{% endfor %}"
    text = shown(name, template, GRANT)

    assert text.startswith("Grant at 4!")
    assert "200,000 at $2.91" in text
    assert "Why" not in text
    assert GRANT.rule not in text


@pytest.mark.parametrize("name", WORDED)
def test_what_was_filed_is_text_in_a_template_too(name: str) -> None:
    """However hostile, and whatever else the service would make of it; and it stays within its room."""
    who, rows = "{% for one in who %}{{ one }}\n{% endfor %}", "{% for one in rows %}{{ one.title }}\n{% endfor %}"
    template = f"{{{{ headline }}}}\n{who}{rows}{{{{ remarks }}}}"
    alert = an_alert_of_everything()
    channel = load({"desk": {**KINDS[name].section, "template": template}})["desk"]

    KINDS[name].taken(channel.request(alert, encode(alert), now()))


def test_the_example_and_every_name_can_be_used() -> None:
    """As docs/channels.md has them."""
    words = rendering(GRANT)
    page = (DOCS / "channels.md").read_text()

    assert 3 == len(Template(EXAMPLE).lines(words))
    for name in NAMES:
        Template(f"x {{{{ {name} }}}}").lines(words)
        assert f"`{name}`" in page
    assert all(f"`{name}`" in page for name in FILTERS)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("", "a template is a text"),
        ("a\n{{ headlin }}", "line 2: there is no 'headlin'; did you mean 'headline'?"),
        ("{{ headline", "line 1: unexpected end of template"),
        ("{% for one in range(9) %}{% endfor %}", "a loop goes over a list"),
        ("{% for one in remarks %}{% endfor %}", "a loop goes over a list"),
        ("{% for a in rows %}" * 3 + "{% endfor %}" * 3, "at most 2 loops"),
        ("{% for a, b in footnotes %}{% endfor %}", "templates have texts"),
        ("{{ 'a' * 999 }}", "templates have texts"),
        ("{{ headline ~ headline }}", "templates have texts"),
        ("{{ headline.format(1) }}", "templates have texts"),
        ("{{ headline.__class__ }}", "there is no '__class__'"),
        ("{{ ''.__class__.__mro__ }}", "there is no '__mro__'"),
        ("{% set a = 1 %}", "templates have texts"),
        ("{% include 'a' %}", "templates have texts"),
        ("{% macro a() %}{% endmacro %}", "templates have texts"),
        ("{{ rows|map }}", "there is no filter 'map'"),
        ("{{ headline|join('aaaaaa') }}", "at most 5 characters"),
        ("{{ headline|join(headline) }}", "takes what is written there"),
        ("{{ headline|join|join|join|join }}", "at most 3 filters"),
        ("{{ headline|truncate(99999999) }}", "the number is too large"),
        ("{{ headline is string }}", "there is no test 'string'"),
        ("x" * (LONGEST + 1), f"at most {LONGEST:,} characters"),
    ],
)
def test_what_a_template_may_not_do_is_refused_when_it_is_set(template: str, why: str) -> None:
    """With the line, and where the channel is in the file."""
    with pytest.raises(ConfigError) as refused:
        load({"desk": {**KINDS["slack"].section, "template": template}})

    (fault,) = refused.value.faults
    assert ("channels", "desk", "template") == fault.path
    assert why in fault.message


@pytest.mark.parametrize("name", WORDED)
def test_a_template_that_fails_gives_way_to_the_usual_message(name: str) -> None:
    """Which says so, with why: nothing is lost."""
    text = shown(name, "{% if remarks %}{{ remarks }}{% endif %}", GRANT)

    assert "This channel's template could not be used" in text
    assert "it says nothing for this filing" in text
    assert GRANT.headline[:60] in text


def test_the_worst_that_is_taken_is_bounded() -> None:
    """Loops within loops over a filing of everything."""
    words = rendering(an_alert_of_everything())
    long = "{{ a.lines|join(',,,,,')|join(',,,,,') }}" * 50
    template = Template("{% for a in rows %}{% for b in footnotes %}" + long + "{% endfor %}{% endfor %}")

    assert sum(map(len, template.lines(words))) <= 20_000
    with pytest.raises(TemplateFailed):
        Template("{{ rows|length|first }}").lines(words)
