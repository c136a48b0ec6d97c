"""A rule in an editor: a form and YAML beside it, of which either may be changed. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from consumers.language import form as rule_form
from consumers.language.draft import Draft, Placed
from consumers.language.yamlfile import written
from service.model.errors import Fault, Faulty
from service.web.pages.form import FormFields

NAME, YAML, AGREED = "name", "yaml", "agreed"
"""The fields beside those of the rule's keys: its name, its YAML, and the YAML as of when both sides said the same."""

_LONGEST = 50_000  # characters of YAML


class Editor(Struct, frozen=True, kw_only=True):
    """What stands in an editor."""

    name: str
    typed: Mapping[str, Sequence[str]]  # by key
    yaml: str
    agreed: str
    placed: Sequence[Placed] = ()  # what is wrong in the YAML
    faults: Sequence[Fault] = ()  # what is wrong, whichever side says it

    def said(self, key: str) -> str:
        """What stands in the field of *key*, where that is one text."""
        return next(iter(self.typed.get(key, ())), "")

    def understood(self, key: str) -> str:
        """The threshold that was read in the field of *key*; empty: what stands there is no threshold."""
        return rule_form.understood(key, self.said(key))


class Wanted(Struct, frozen=True, kw_only=True):
    """The rule that an editor asks for."""

    name: str
    content: dict[str, Any]
    draft: Draft
    by_form: bool  # the form says it; else the YAML does


def opened(name: str, content: Mapping[str, Any]) -> Editor:
    """An editor with a rule in it."""
    text = written(rule_form.ordered(content))
    return Editor(name=name, typed=rule_form.typed(content), yaml=text, agreed=text)


def drafted(name: str, text: str) -> Editor:
    """An editor with *text*, which may be no rule, in it."""
    draft = Draft(text)
    if draft.unreadable:
        return Editor(name=name, typed={}, yaml=text, agreed="", placed=draft.unreadable)
    return opened(name or draft.name or "", draft.content)


def asked(editor: Editor) -> Wanted:
    """The rule that stands in *editor*, whose YAML can be read."""
    draft = Draft(editor.yaml)
    return Wanted(name=editor.name, content=draft.content, draft=draft, by_form=False)


def as_sent(form: FormFields, faults: Sequence[Fault] = (), placed: Sequence[Placed] = ()) -> Editor:
    """The editor as it was sent, to the letter."""
    return Editor(
        name=form.text(NAME),
        typed=_typed(form),
        yaml=_raw(form, YAML),
        agreed=_raw(form, AGREED),
        placed=placed,
        faults=faults,
    )


def agreeing(form: FormFields, wanted: Wanted) -> Editor:
    """The editor once form and YAML say what is *wanted*; of YAML that says it already, no letter is changed."""
    made = opened(wanted.name, wanted.content)
    if wanted.by_form or wanted.draft.name is not None:
        return made
    text = _raw(form, YAML)
    return Editor(name=made.name, typed=made.typed, yaml=text, agreed=text)


def wanted(form: FormFields, *, side: str = "") -> Wanted:
    """The rule that *form* asks for: by the *side* that is named (form, yaml), else by the one that was changed.

    Raises Faulty where both were changed, or what decides is no YAML.
    """
    if max(len(_raw(form, YAML)), len(_raw(form, AGREED))) > _LONGEST:
        told = f"a rule has at most {_LONGEST:,} characters; name companies in a watchlist"
        raise Faulty("The YAML cannot be read.", (Fault((YAML,), told),))
    agreed, draft = Draft(_raw(form, AGREED)), Draft(_raw(form, YAML))
    said = rule_form.content(_typed(form))
    by_form = said != rule_form.content(rule_form.typed(agreed.content))
    by_yaml = _raw(form, YAML) != _raw(form, AGREED)
    if side:
        by_form = side == "form"
    elif by_form and by_yaml:
        told = "form and YAML were both changed: choose the one to use, with its button"
        raise Faulty("The rule cannot be read.", (Fault((YAML,), told),))
    if draft.unreadable and not (by_form and not by_yaml):
        faults = tuple(Fault((YAML,), line_of(one)) for one in draft.unreadable)
        raise Faulty("The YAML cannot be read.", faults)
    name = form.text(NAME) or draft.name or ""
    if not by_form:
        return Wanted(name=name, content=draft.content, draft=draft, by_form=False)
    groups = rule_form.groups((draft if by_yaml else agreed).content)
    return Wanted(name=name, content=rule_form.ordered({**said, **groups}), draft=draft, by_form=True)


def faults_of(wanted: Wanted, faults: Sequence[Fault]) -> tuple[Sequence[Fault], Sequence[Placed]]:
    """*faults* of what is *wanted*: at the fields of the form, and in the YAML where that says it."""
    mine = [Fault(one.path[2:] if one.path[:1] == ("rules",) else one.path, one.message, one.at) for one in faults]
    of_rule = [one for one in mine if one.path[:1] != (NAME,)]
    return [_at_its_field(one) for one in mine], [] if wanted.by_form else wanted.draft.placed(of_rule)


def line_of(one: Placed) -> str:
    """*one* with its place."""
    return f"line {one.line}, column {one.column}: {one.message}"


def _raw(form: FormFields, name: str) -> str:
    """What was typed, with the space around it: YAML is laid out by it."""
    return next(iter(form.all(name)), "")


def _typed(form: FormFields) -> dict[str, tuple[str, ...]]:
    return {field.key: form.all(field.key) for field in rule_form.fields() if any(form.all(field.key))}


def _at_its_field(fault: Fault) -> Fault:
    """*fault* at the field of its key; what has none, such as a group, says where it is."""
    if fault.path == () and fault.message.startswith("'channels'"):
        return Fault(("channels",), "choose at least one")
    if fault.path[:1] == (NAME,) or any(fault.path[:1] == (field.key,) for field in rule_form.fields()):
        return Fault(fault.path[:1], fault.message)
    return Fault((YAML,), f"{'.'.join(map(str, fault.path))}: {fault.message}" if fault.path else fault.message)
