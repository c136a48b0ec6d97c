"""What a browser sends with a form, and the same form once more where something in it is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from service.model.errors import Fault, Faulty
from service.model.identity import Revision
from service.words import sentence

CSRF, REVISION = "csrf", "revision"  # hidden fields


@dataclass(frozen=True, slots=True)
class FormFields:
    """The fields of a form, and the files with it."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def text(self, name: str, default: str = "") -> str:
        """What was typed, without the space around it; *default*: the field was not sent."""
        given = self.fields.get(name)
        return given[0].strip() if given else default

    def secret(self, name: str) -> str:
        """What was typed, to the last space."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> tuple[str, ...]:
        """What was chosen in fields of one name, such as checkboxes."""
        return tuple(self.fields.get(name, ()))

    def names(self) -> Iterable[str]:
        """Those of all fields."""
        return (name for name in self.fields if name not in (CSRF, REVISION))

    @property
    def revision(self) -> Revision | None:
        """At which revision the page was read; None: it has none. Raises Faulty where it is no number."""
        given = self.text(REVISION)
        if given and not (given.isascii() and given.isdecimal() and len(given) < 19):
            raise Faulty("the form cannot be used:", (Fault((REVISION,), "load the page again"),))
        return Revision(int(given)) if given else None


class SentForm:
    """A form as it was sent, and why it was not taken. Of several forms on a page it is the one to that address."""

    def __init__(
        self, action: str, form: FormFields, why: str, faults: Sequence[Fault], *, is_stale: bool = False
    ) -> None:
        self._action = action
        self._form = form
        self.why = sentence(why) if why else ""
        self.is_stale = is_stale
        self._faults: dict[str, list[str]] = {}
        for fault in faults:
            self._faults.setdefault(".".join(map(str, fault.path)), []).append(fault.message)
        self._is_this = False
        self._told: set[str] = set()

    def begin(self, action: str) -> bool:
        """Whether what follows, until `end`, is that form."""
        self._is_this = bool(self._action) and action == self._action
        return self._is_this

    def end(self) -> str:
        """What follows is no part of it."""
        self._is_this = False
        return ""

    def typed(self, name: str) -> str | None:
        """What was typed into this form's field; None: the field was not sent."""
        given = self._form.fields.get(name) if self._is_this else None
        return given[0] if given else None

    def chosen(self, name: str) -> tuple[str, ...] | None:
        """What was chosen in this form's fields of one name; None: this form was not sent."""
        return self._form.all(name) if self._is_this else None

    def at(self, name: str) -> list[str]:
        """What is wrong in this form's field, and below it."""
        if not self._is_this:
            return []
        found = [path for path in self._faults if path == name or path.startswith(f"{name}.")]
        self._told.update(found)
        return [self._below(name, path, message) for path in found for message in self._faults[path]]

    @property
    def elsewhere(self) -> list[str]:
        """What is wrong in no field of this form that was shown until now."""
        rest = [path for path in self._faults if path not in self._told]
        return [f"{path}: {message}" if path else message for path in rest for message in self._faults[path]]

    @staticmethod
    def _below(name: str, path: str, message: str) -> str:
        return message if path == name else f"{path.removeprefix(f'{name}.')}: {message}"


NOTHING_SENT = SentForm("", FormFields(MappingProxyType({})), "", ())
