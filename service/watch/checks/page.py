"""docs/notices.md, written from the checks: ``python -m service.watch.checks > docs/notices.md``."""

from collections.abc import Iterable, Iterator

from service.model.notice import EventType, NoticeKind
from service.watch.checks import CHECKS

_HEAD = """# Notices: what the service tells of itself

The channels for operations get a notice when something begins to stand in the way, and one when it is over: each
once, however often it is tried meanwhile; what comes and goes within minutes is told as one. What keeps alerts from
their readers is told again after an hour and then daily (`reminder`). This page is written from the code by
`python -m service.watch.checks`, and a test holds it to the code.

Which channels these are is said in the configuration file, or chosen while the service runs: with a command, on the
page **Trust**, or with `PUT /api/v1/operations`.

```yaml
operations: {channels: [on-call, desk]}
```

```sh
filingbell operations set on-call desk
filingbell operations test   # a sample to each
filingbell operations show
```

- **The file goes first.** Where it has `operations`, it alone says where notices go: what was chosen before is replaced
  when the file is applied, and any other way is refused with the file's name. A file without `operations` leaves what
  people chose; one from which it was taken away has notices go to nobody, until somebody chooses.
- What is about a workspace's channels and rules goes to the channels for operations of this workspace, what is about
  the service to those of the workspace `default`.
- A channel to which notices go cannot be removed before others are chosen. Each choice is in the log of changes.
- A channel that takes nothing is not told so itself: name two. Where there is no other, the notice is `suppressed`
  (`about-itself`).
- `filingbell notices`, the page **Trust** and `GET /api/v1/notices` list what was told, to whom, and whether it has
  arrived. What is wrong now: `filingbell status`.
- A notice is kept in one transaction with what says that it was told, and is owed to channels as alerts are: a process
  that is killed loses none and makes none twice.
"""
_WEBHOOK = """
## On a webhook

A webhook's body has `"type": "filingbell.notice.v1"`; `filingbell schema notice` prints its JSON Schema.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_events(), _WEBHOOK, *_fields(), "", *_kinds(), ""])


def _events() -> Iterator[str]:
    yield from _table("event", "told when", "it says", "what to do")
    for kind, check in CHECKS.items():
        yield _row(f"`{EventType.of(kind)}`", check.when, check.says, check.act)
    both = f"`{EventType.FAILING}` or `{EventType.DISABLED}`"
    yield _row(
        f"`{EventType.RECOVERED}`",
        f"a channel that was {both} takes alerts again, and has not failed for two minutes",
        "from when to when it took none, how many wait",
        "nothing: what waits is on its way, oldest first",
    )
    yield _row(
        f"`{EventType.DIGEST}`",
        "alerts are told together: at a channel's times, of a burst, beyond a maximum an hour, or on filings of the "
        "past (`backfill --alert`)",
        "the alerts",
        "nothing",
    )


def _fields() -> Iterator[str]:
    yield from _table("field", "")
    yield _row("`id`", "the same for the same notice, however often it is sent")
    which = f"of what is over it is the one by which that began, but for `{EventType.RECOVERED}`"
    yield _row("`event`", f"what to tell notices apart by, as above; {which}")
    yield _row("`cleared`", "`true`: it is over")
    yield _row("`reminder`", "`true`: it was told before, and still stands")
    yield _row("`kind`", "as in `status --json`, and in the label of `filingbell_operational_alerts`")
    subject = "what it is about, among others of its kind: a host, a day, a stage, a channel or a rule, by its id"
    yield _row("`subject`", f"{subject}. `kind` and `subject` join a beginning to its end")
    yield _row("`headline`", "one line that says it all; of what is over it begins with `Over:`")
    yield _row("`lines`", "what to know and what to do")
    yield _row("`links`", "pairs of a label and an address")
    yield _row("`at`", "when it was found")


def _kinds() -> Iterator[str]:
    yield from _table("kind", "event")
    for kind in (*CHECKS, NoticeKind.DIGEST):
        yield _row(f"`{kind}`", f"`{EventType.of(kind)}`")


def _table(*columns: str) -> Iterable[str]:
    return _row(*columns), f"|{'---|' * len(columns)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
