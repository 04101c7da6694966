"""Prints docs/reference from the tables in the code; a test holds them equal.

`python docs/print_reference.py` writes the files, `--check` only says which are not as they should be.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from carrel.core.access import GUESTS, ROLES, SCOPES, SHARES, Action, Level, Reach, Role
from carrel.core.events import EVENTS
from carrel.core.problems import PROBLEMS
from carrel.core.workspace import PHASES
from carrel.definition import reference_page as workspace_yaml_page
from carrel.definition.keys import json_schema
from carrel.devcontainer import reference_page
from carrel.server.api.app import api_app
from carrel.server.settings import SETTINGS
from carrel.templates import reference_page as template_yaml_page

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Printed from the code by `make docs`; changes here are lost. -->"
METHODS = ("get", "post", "put", "patch", "delete")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def page(title: str, text: str, body: str) -> str:
    """A page of the reference."""
    return f"# {title}\n\n{NOTE}\n\n{text}\n\n{body}\n"


def settings() -> str:
    """All settings."""
    text = (
        "Strongest first: options of `carrel server`, environment variables, the TOML file (`CARREL_CONFIG`, else "
        "`config.toml` in the data folder; keys are the names below), defaults. Lists are comma separated in variables."
    )
    rows = [(f"`{row.name}`", f"`{row.variable}`", row.shown, row.help) for row in SETTINGS]
    return page("Settings", text, table(("name", "variable", "default", "meaning"), rows))


def problems() -> str:
    """The catalogue of problems."""
    text = "Every failure is an `application/problem+json` document (RFC 9457) of one of these kinds, with a hint."
    rows = [(f"`{row.kind}`", str(row.status), row.title, row.hint) for row in PROBLEMS.values()]
    return page("Problems", text, table(("kind", "status", "title", "hint"), rows))


def events() -> str:
    """The kinds of events."""
    text = "Events of a workspace are append-only and numbered without gaps: `carrel events NAME`."
    return page("Events", text, table(("kind", "meaning"), [(f"`{kind}`", help_) for kind, help_ in EVENTS.items()]))


def phases() -> str:
    """The phases of a workspace."""
    text = "The phase is derived from the goal and from what is the case; nobody sets it. Stop and delete are legal in each."
    rows = [(f"`{phase.value}`", meaning) for phase, meaning in PHASES.items()]
    return page("Phases", text, table(("phase", "meaning"), rows))


def roles() -> str:
    """Roles x actions, and scopes."""
    text = "What each role may do, and on whose things: its own, the project's, all. What you may not see is answered with 404."
    words = {Reach.NONE: "", Reach.OWN: "own", Reach.PROJECT: "project", Reach.ALL: "all"}
    rows = [(f"`{action.value}`", *(words[ROLES[role][action]] for role in Role)) for action in Action]
    scopes = [(f"`{scope.value}`", ", ".join(f"`{a.value}`" for a in Action if a in SCOPES[scope])) for scope in SCOPES]
    body = table(("action", *(role.value for role in Role)), rows)
    body += "\n\n## Scopes of tokens\n\nA token without scopes may do all that its user may.\n\n"
    body += table(("scope", "actions"), scopes)
    body += "\n\n## Shares\n\nWhat a share of one workspace gives to another user, or a guest link to whoever has it, besides their role. "
    body += "`view` opens the ports that were named, `edit` every port and app.\n\n"
    given = sorted({action for table_ in (SHARES, GUESTS) for actions in table_.values() for action in actions})
    columns = [(level, of) for of in (SHARES, GUESTS) for level in Level]
    head = [f"{'guest ' if of is GUESTS else ''}{level.value}" for level, of in columns]
    shared = [
        (f"`{action.value}`", *("yes" if action in of[level] else "" for level, of in columns)) for action in given
    ]
    return page("Roles", text, body + table(("action", *head), shared))


def api() -> str:
    """The routes of the API."""
    text = (FOLDER / "parts" / "api.md").read_text(encoding="utf-8").strip()
    paths = api_app().openapi()["paths"].items()
    rows = [(m.upper(), f"`{path}`", _sentence(of[m])) for path, of in paths for m in METHODS if m in of]
    return page("API", text, "## Resources\n\n" + table(("method", "path", "meaning"), rows))


def _sentence(operation: dict[str, Any]) -> str:
    return str(operation.get("description", "")).split("\n")[0]


def openapi() -> str:
    """The OpenAPI document."""
    return json.dumps(api_app().openapi(), indent=2, ensure_ascii=False) + "\n"


def devcontainer() -> str:
    """What becomes of each property of devcontainer.json."""
    text, _, body = reference_page.page().partition("\n\n## ")
    return page("devcontainer.json", text, f"## {body}")


def workspace_yaml() -> str:
    """The keys of a workspace.yaml."""
    return page("workspace.yaml", *workspace_yaml_page.page())


def workspace_schema() -> str:
    """The JSON Schema of a workspace.yaml."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def template_yaml() -> str:
    """The keys of a template.yaml."""
    return page("template.yaml", *template_yaml_page.page())


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings,
    "problems.md": problems,
    "events.md": events,
    "phases.md": phases,
    "roles.md": roles,
    "devcontainer.md": devcontainer,
    "api.md": api,
    "openapi.json": openapi,
    "workspace-yaml.md": workspace_yaml,
    "workspace.schema.json": workspace_schema,
    "template-yaml.md": template_yaml,
}
CLI_PRINTER = "carrel.cli.reference"
"""Module whose `page()` prints the command line's reference, once there is one."""


def all_pages() -> dict[str, str]:
    """Every page by its file name."""
    pages = {name: make() for name, make in PAGES.items()}
    if importlib.util.find_spec(CLI_PRINTER) is not None:
        pages["cli.md"] = importlib.import_module(CLI_PRINTER).page()
    return pages


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them."""
    stale = []
    FOLDER.mkdir(exist_ok=True)
    for name, text in all_pages().items():
        file = FOLDER / name
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                file.write_text(text, encoding="utf-8")
    if stale:
        print(f"docs/reference: {'stale' if '--check' in arguments else 'written'}: {', '.join(stale)}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
