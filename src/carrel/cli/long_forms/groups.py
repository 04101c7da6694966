"""Which verb goes with which thing: one table, to which each kind of thing adds its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import typer

from carrel.cli.long_forms import secret
from carrel.cli.long_forms.workspace import create, delete, get, update
from carrel.cli.long_forms.workspace_config import create as create_config

VERBS: Final = {
    "create": "Make something: `carrel create workspace FILE`.",
    "get": "List or show: `carrel get workspace`.",
    "update": "Change something: `carrel update workspace FILE`.",
    "delete": "Delete something: `carrel delete workspace --name NAME`.",
}

FORMS: Final[tuple[tuple[str, str, Callable[..., None]], ...]] = (
    ("create", "workspace-config", create_config),
    ("create", "workspace", create),
    ("get", "workspace", get),
    ("update", "workspace", update),
    ("delete", "workspace", delete),
    ("create", "secret", secret.create),
    ("get", "secret", secret.get),
    ("update", "secret", secret.update),
    ("delete", "secret", secret.delete),
)
"""Verb, thing, function. A thing of its own has a module of its own beside this one."""


def groups() -> dict[str, typer.Typer]:
    """A group of commands for each verb."""
    made = {verb: typer.Typer(no_args_is_help=True, help=text) for verb, text in VERBS.items()}
    for verb, thing, function in FORMS:
        made[verb].command(thing)(function)
    return made
