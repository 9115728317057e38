"""The page of the command line, from the commands themselves."""

from collections.abc import Iterator
from enum import Enum

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from breakglass.cli.app import app
from breakglass.reference.markdown import code, page, prose, table

_INTRODUCTION = """\
`make` sets up what the commands need and calls them; in the environment that it makes they are
`.venv/bin/breakglass`. How they end: [exit codes](exit-codes.md)."""


def command_line_page() -> str:
    """Every command with its usage, arguments and options."""
    return page("Command line", _INTRODUCTION, *_sections(get_command(app), "breakglass"))


def _sections(command: object, name: str) -> Iterator[str]:
    """A section for the command, or one for each of its subcommands."""
    if isinstance(command, TyperGroup):
        for child, below in command.commands.items():
            yield from _sections(below, f"{name} {child}")
    elif isinstance(command, TyperCommand):
        arguments = [one for one in command.params if isinstance(one, TyperArgument)]
        options = [one for one in command.params if isinstance(one, TyperOption)]
        usage = [name, *(["[OPTIONS]"] if options else []), *(_argument(a) for a in arguments)]
        rows = [
            *((f"`{_argument(one)}`", "needed", one.help or "") for one in arguments),
            *((_names(one), _default(one), _help(one)) for one in options),
        ]
        parts = [f"## {name}", prose(command.help or ""), code(" ".join(usage))]
        if rows:
            parts.append(table(["Parameter", "Default", "Meaning"], rows))
        yield "\n\n".join(parts)


def _argument(argument: TyperArgument) -> str:
    return str(argument.metavar or argument.name)


def _names(option: TyperOption) -> str:
    metavar = f" {option.metavar}" if option.metavar else ""
    return ", ".join(f"`{name}{metavar}`" for name in option.opts)


def _default(option: TyperOption) -> str:
    return "none" if option.default is None else f"`{option.default}`"


def _help(option: TyperOption) -> str:
    kind = option.type_descriptor.annotation
    if not (isinstance(kind, type) and issubclass(kind, Enum)):
        return option.help or ""
    return f"{option.help} One of {', '.join(f'`{choice.value}`' for choice in kind)}."
