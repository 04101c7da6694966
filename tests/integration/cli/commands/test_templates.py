"""`carrel template`, `carrel up --template`, `carrel upgrade`: from a folder to a workspace that takes its newer version."""

from __future__ import annotations

import re
from pathlib import Path

from tests.integration.cli.commands.conftest import Carrel

WEB = """\
name: web
title: Web
icon: 🐍
parameters:
  - {name: team, description: Who pays for it}
  - {name: level, type: choice, choices: [low, high], default: low, mutable: true}
sizes:
  large: {cpu: "2", mem: 4Gi}
ceiling: {cpu: "4", mem: 8Gi}
workspace:
  container_image: example.org/web:1
  resources: {cpu: "1", mem: 1Gi}
  env: {TEAM: "${parameters.team}", LEVEL: "${parameters.level}"}
"""


def template(folder: Path, text: str = WEB) -> str:
    folder.mkdir(exist_ok=True)
    (folder / "template.yaml").write_text(text, encoding="utf-8")
    return str(folder)


async def test_a_template_goes_into_the_catalog_and_out_of_it(carrel: Carrel, tmp_path: Path) -> None:
    empty = await carrel("template", "list")
    assert (empty.status, empty.out) == (0, "")
    assert "The catalog is empty." in empty.err
    folder = template(tmp_path / "web")
    first = await carrel("template", "push", folder)
    assert first.status == 0, first.err
    assert "web is in the catalog of everybody: version 1." in first.err
    assert "`carrel up --template web` makes a workspace of it." in first.err
    assert "as it is here: version 1." in (await carrel("template", "push", folder)).err
    template(tmp_path / "web", WEB.replace("title: Web", "title: The web"))
    assert "version 2." in (await carrel("template", "push", folder)).err
    listed = await carrel("template", "list")
    assert re.search(r"^web +everybody +2 +ready +🐍 The web$", listed.out, re.MULTILINE)
    shown = await carrel("template", "show", "web")
    assert re.search(r"^team +string +\(to be said\) +Who pays for it; stays as it was said$", shown.out, re.MULTILINE)
    assert re.search(r"^level +choice +low +one of low, high$", shown.out, re.MULTILINE)
    assert re.search(r"^large +2 CPUs, 4 GiB$", shown.out, re.MULTILINE)
    assert re.search(r"^At most +4 CPUs, 8 GiB$", shown.out, re.MULTILINE)
    assert re.search(r"^2 +.*\n1 +", shown.out, re.MULTILINE), "the versions, newest first"
    assert (await carrel("template", "show", "web", "--version", "1", "-o", "json")).json["title"] == "Web"
    assert (await carrel("template", "delete", "web", "--yes")).status == 0
    assert (await carrel("template", "show", "web")).status == 3


async def test_a_template_that_is_not_sound_is_not_sent(carrel: Carrel, tmp_path: Path) -> None:
    folder = template(tmp_path / "web", WEB + "updat: at_start\n")
    refused = await carrel("template", "push", folder)
    assert refused.status == 1
    assert "line 14, column 1: there is no key 'updat' (did you mean 'update'?)" in refused.err


async def test_a_template_of_a_project_is_its_own(carrel: Carrel, tmp_path: Path) -> None:
    assert (await carrel("project", "create", "physics")).status == 0
    pushed = await carrel("template", "push", template(tmp_path / "web"), "--project", "physics")
    assert "in the catalog of physics: version 1." in pushed.err, pushed.err
    assert (await carrel("template", "show", "web")).status == 3
    assert (await carrel("template", "show", "web", "--project", "physics")).status == 0
    assert [one["project"] for one in (await carrel("template", "list", "-o", "json")).json] == ["physics"]
