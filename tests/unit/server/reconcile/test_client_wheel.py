"""The command line as a wheel of its own: whole, and with all that it needs named."""

from __future__ import annotations

import ast
import io
import re
import sys
import zipfile

from carrel.server.reconcile.client_wheel import REQUIRES, SERVER_SIDE, client_wheel
from carrel.server.reconcile.workspace_images import recipes

MODULES = {"yaml": "pyyaml"}


def contents() -> dict[str, bytes]:
    ((name, content),) = client_wheel().items()
    assert re.fullmatch(r"carrel-[0-9a-z.]+-py3-none-any\.whl", name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {member: archive.read(member) for member in archive.namelist()}


def imported(source: bytes) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" if node.module == "carrel" else node.module for alias in node.names}
    return found


def test_it_has_all_that_the_command_line_imports() -> None:
    files = contents()
    packages = {name.split("/")[1] for name in files if name.count("/") > 1}
    assert {"cli", "client", "core", "definition"} <= packages
    assert not packages & SERVER_SIDE
    named = {re.split(r"[^a-z0-9-]", one)[0] for one in REQUIRES}
    needed: set[str] = set()
    for name, content in files.items():
        if name.endswith(".py"):
            for module in imported(content):
                top, _, rest = module.partition(".")
                if top == "carrel":
                    assert rest.split(".")[0] in {*packages, "__version__"}, f"{name} imports {module}"
                elif top not in sys.stdlib_module_names:
                    needed.add(MODULES.get(top, top))
    assert needed - named <= {"click"}, "typer's own"
    assert "pydantic" in needed


def test_its_record_and_its_command_are_there() -> None:
    files = contents()
    (record,) = [content.decode() for name, content in files.items() if name.endswith("/RECORD")]
    assert {line.split(",")[0] for line in record.splitlines()} == set(files)
    (points,) = [content for name, content in files.items() if name.endswith("/entry_points.txt")]
    assert b"carrel = carrel.cli.main:main" in points


def test_the_base_image_pins_what_the_command_line_needs() -> None:
    pins = (recipes() / "workspace-base" / "requirements.txt").read_text()
    pinned = {line.split("==")[0] for line in pins.splitlines()}
    assert {re.split(r"[^a-z0-9-]", one)[0] for one in REQUIRES} <= pinned
    assert {"ipykernel", "pandas", "pyarrow", "scikit-learn", "matplotlib"} <= pinned
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+", line) for line in pins.splitlines())
