"""How the commands are called: their help, in the words of who calls them."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperArgument, TyperCommand

F = TypeVar("F", bound=Callable[..., Any])
MOST = 1_000_000
"""Lines that a command prints at most: what is asked of the database must fit its numbers."""

READER_GONE = 141
"""The exit status, as the shell says of what SIGPIPE has ended."""

Limit = Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help="The latest N.")]
"""The option of a list."""


class _Command(TyperCommand):
    """Its help shows arguments by the names that stand in the call, without the types that Python has for them."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what can be given: arguments, then options."""
        arguments, options = [], []
        for param in self.get_params(ctx):
            if isinstance(param, TyperArgument):
                arguments.append((param.display_name_raw, param.help or ""))
            elif row := param.get_help_record(ctx):
                options.append(row)
        for title, rows in (("Arguments", arguments), ("Options", options)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


class Commands(typer.Typer):
    """Commands below one word."""

    def __init__(self, help: str, **settings: Any) -> None:  # noqa: A002  (typer's own name)
        settings = {"pretty_exceptions_enable": False} | settings
        super().__init__(no_args_is_help=True, rich_markup_mode=None, help=help, **settings)

    def command(self, name: str | None = None, **settings: Any) -> Callable[[F], F]:
        """As typer's, with help of our own kind."""
        return super().command(name, cls=_Command, **settings)
