"""What the commands print for people; with `-o json` the whole document is printed in its place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from carrel.cli.output import note, print_table


def show(verb: str, answer: Mapping[str, Any]) -> None:
    """Print an answer."""
    if verb == "build":
        sys.stdout.write("".join(f"{name}\n" for name in answer["imageName"]))
    elif verb == "features":
        _features(answer["features"])
    elif verb == "outdated":
        _outdated(answer["features"])
    elif verb == "list_templates":
        rows = [(one["reference"], one["name"], one["description"]) for one in answer["templates"]]
        print_table(("TEMPLATE", "NAME", "DESCRIPTION"), rows)
    elif verb == "apply_template":
        sys.stdout.write("".join(f"{path}\n" for path in answer["files"]))
    elif verb == "upgrade" and not answer["written"]:
        sys.stdout.write(answer["text"])


def _features(features: list[Mapping[str, Any]]) -> None:
    if not features:
        note("The configuration has no features.")
        return
    rows = [
        (str(number), one["id"], one["version"], one["digest"][:19], _options(one["options"]))
        for number, one in enumerate(features, 1)
    ]
    print_table(("", "FEATURE", "VERSION", "DIGEST", "OPTIONS"), rows)


def _outdated(features: Mapping[str, Mapping[str, str]]) -> None:
    if not features:
        note("The configuration has no features with versions.")
        return
    rows = [(name, *(one.get(key, "-") for key in ("current", "wanted", "latest"))) for name, one in features.items()]
    print_table(("FEATURE", "CURRENT", "WANTED", "LATEST"), rows)


def _options(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in options.items())
