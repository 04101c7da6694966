"""docs/reference/cli.md, printed from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from carrel.cli.app import COMMANDS, HERE, app
from carrel.cli.failures import EXEC_EXIT_CODES, EXIT_CODES

NOTE = "<!-- Printed from the code by `make docs`; changes here are lost. -->"
VARIABLES = {
    "CARREL_URL": "The server to use, before all others.",
    "CARREL_TOKEN": "The token for it.",
    "CARREL_DATA_DIR": "The data folder of the local server; naming it chooses that server.",
    "CARREL_PORT": "The port of a local server that is started.",
    "NO_COLOR": "Not empty: no colours.",
}
FILES = {
    "`~/.local/share/carrel/` (CARREL_DATA_DIR)": "The local server's data: `token` (0600), `url` and `pid` while it runs, "
    "`server.log` where a command started it in the background.",
    "`~/.config/carrel/client.json`": "What `carrel login URL` stored: address and token (0600).",
}


def page() -> str:
    """The page."""
    group: Any = typer.main.get_command(app)
    parts = [f"# The `carrel` command\n\n{NOTE}\n", inspect.cleandoc(_INTRODUCTION), "## Commands\n", _overview(group)]
    for name, command in _commands(group):
        parts.append(_section(name, command))
    parts += ["## Exit codes\n", _table(("code", "meaning"), [(str(code), text) for code, text in EXIT_CODES.items()])]
    parts.append("`exec` and `ssh` exit with the status of what they ran:\n")
    parts.append(_table(("code", "meaning"), list(EXEC_EXIT_CODES.items())))
    parts += ["## Variables\n", _table(("variable", "meaning"), [(f"`{k}`", v) for k, v in VARIABLES.items()])]
    parts += ["## Files\n", _table(("file", "content"), list(FILES.items()))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


_INTRODUCTION = """
    Results go to stdout, everything else (progress, notes, errors) to stderr. `-o json` prints JSON documents; what may
    not end (`events -f`, `logs`) prints one a line. Colours only on a terminal. A failure is said as title, detail, and
    `hint:` with what to do.

    A workspace is named NAME where it is yours, else OWNER/NAME, or by its id. The server is, strongest first: `CARREL_URL`
    with `CARREL_TOKEN`; what `carrel login URL` stored; the local one, which a command that needs it starts in the
    background.
"""


def _commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every command with its full name, groups before what is in them."""
    for name, command in group.commands.items():
        full = f"{prefix}{name}"
        yield full, command
        if hasattr(command, "commands"):
            yield from _commands(command, f"{full} ")


def _overview(group: Any) -> str:
    panels: dict[str, list[str]] = {panel: [] for panel in (*(panel for panel, _ in COMMANDS), HERE)}
    for name, command in group.commands.items():
        panels[command.rich_help_panel].append(name)
    rows = [(panel, ", ".join(f"[{name}](#{_anchor(name)})" for name in names)) for panel, names in panels.items()]
    return _table(("", "commands"), rows)


def _anchor(name: str) -> str:
    return f"carrel-{name}".replace(" ", "-")


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    words = [_usage(one) for one in arguments]
    usage = " ".join(["carrel", name, *(["[OPTIONS]"] if options else []), *words])
    parts = [f"### carrel {name}", f"```\n{usage}\n```", _text(command)]
    rows = [(f"`{one.metavar or one.name.upper()}`", one.help or "") for one in arguments]
    rows += [(_flags(one), _help(one)) for one in options]
    if rows:
        parts.append(_table(("", ""), rows))
    return "\n\n".join(parts)


def _usage(argument: Any) -> str:
    word = (argument.metavar or argument.name.upper()) + ("..." if argument.nargs == -1 else "")
    return word if argument.required else f"[{word}]"


def _text(command: Any) -> str:
    """The help as Markdown: paragraphs, each in one line."""
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _flags(option: Any) -> str:
    names = sorted(option.opts, key=len) + sorted(option.secondary_opts, key=len)
    value = "" if option.is_flag else f" {option.metavar or _choices(option)}"
    return ", ".join(f"`{name}{value}`" for name in names)


def _choices(option: Any) -> str:
    choices = option.type_descriptor.choices
    return "|".join(str(getattr(one, "value", one)) for one in choices) if choices else "VALUE"


def _help(option: Any) -> str:
    default = option.default
    if option.is_flag or default is None or default in ("", []):
        return str(option.help or "")
    return f"{option.help} Default: `{getattr(default, 'value', default)}`."


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [head, ("---", "---"), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
