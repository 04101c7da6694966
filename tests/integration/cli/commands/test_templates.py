"""`carrel template`, `carrel up --template`, `carrel upgrade`: from a folder to a workspace that takes its newer version."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.integration.cli.commands.conftest import BLOG, Carrel

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


async def test_a_workspace_of_a_template_takes_its_newer_version(carrel: Carrel, tmp_path: Path) -> None:
    assert (await carrel("template", "push", template(tmp_path / "web"))).status == 0
    missing = await carrel("up", "--template", "web")
    assert missing.status == 1
    assert "'team': it is missing" in missing.err
    words = ("up", "--template", "web", "--parameter", "team=blue", "-o", "json")
    made = (await carrel(*words)).json
    assert (made["name"], made["template"]["version"]) == ("web", 1)
    assert made["definition"]["env"] == {"TEAM": "blue", "LEVEL": "low"}
    assert (await carrel(*words)).json["revision"] == made["revision"], "the same again changes nothing"
    again = (await carrel(*words[:3], "--parameter", "level=high", "-o", "json")).json
    assert (again["id"], again["definition"]["env"]) == (made["id"], {"TEAM": "blue", "LEVEL": "high"})

    template(tmp_path / "web", WEB.replace("env: {", "env: {V: second, "))
    pushed = await carrel("template", "push", str(tmp_path / "web"))
    assert "Workspaces of it: 1. `carrel upgrade NAME` has one take it." in pushed.err
    assert re.search(r"^web +running \(newer template\) ", (await carrel("ls")).out, re.MULTILINE)
    shown = (await carrel("show", "web")).out
    assert re.search(r"^Template +web, version 1; 2 is there: `carrel upgrade web`$", shown, re.MULTILINE)
    newer = "version 2 of its template web is there, and it has 1: `carrel upgrade web` takes it"
    assert f"notice: {newer}" in (await carrel("why", "web")).err
    assert f"notice: web: {newer}" in (await carrel("get", "workspace")).err
    assert (await carrel(*words)).json["template"]["version"] == 1, "nobody asked for the newer one"

    upgraded = await carrel("upgrade", "web")
    assert upgraded.status == 0, upgraded.err
    assert "web is being restarted; its files stay." in upgraded.err
    assert "web has version 2 of the template web now (it had 1)." in upgraded.err
    found = (await carrel("show", "web", "-o", "json")).json
    assert found["definition"]["env"] == {"TEAM": "blue", "LEVEL": "high", "V": "second"}
    assert "already; the newest." in (await carrel("upgrade", "web")).err
    assert (await carrel("upgrade", "web", "--to", "1", "-o", "json")).json["template"]["version"] == 1
    assert (await carrel("upgrade", "web", "--to", "7")).status == 3


async def test_the_long_form_changes_a_parameter_and_keeps_the_version(carrel: Carrel, tmp_path: Path) -> None:
    await carrel("template", "push", template(tmp_path / "web"))
    await carrel("up", "--template", "web", "--name", "mine", "--parameter", "team=blue")
    template(tmp_path / "web", WEB.replace("title: Web", "title: Newer"))
    await carrel("template", "push", str(tmp_path / "web"))
    long = ("update", "workspace", "--name", "mine")
    changed = await carrel(*long, "--parameter", "level=high")
    assert changed.status == 0, changed.err
    assert changed.out.startswith("Updated: workspace_definition {")
    assert '    level: "high"' in changed.out
    assert '  template: "web@1"' in changed.out
    assert '  template: "web@2"' in (await carrel(*long, "--template-version", "newest")).out
    fixed = await carrel(*long, "--parameter", "team=red")
    assert "stay as they were when it was made: team" in fixed.err
    for words in (long, ("update", "workspace"), ("update", "workspace", "a.yaml", "--parameter", "a=b")):
        assert (await carrel(*words)).status == 1, words


async def test_what_was_made_of_something_else_stays_that(
    carrel: Carrel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carrel("template", "push", template(tmp_path / "web"))
    monkeypatch.chdir(tmp_path / "web")  # where no folder has the name of a workspace
    await carrel("up", BLOG, "--name", "web")
    taken = await carrel("up", "--template", "web", "--parameter", "team=blue")
    assert f"web is a workspace of {BLOG}" in taken.err
    other = await carrel("up", "web", "--template", "web")
    assert "web was made without a template, not of web." in other.err
    assert "web was made from no template" in (await carrel("upgrade", "web")).err
    for words in (("up", BLOG, "--size", "large"), ("up", "--template", "web", "--ref", "main")):
        assert (await carrel(*words)).status == 1, words
    of_both = await carrel("up", BLOG, "--template", "web", "--parameter", "team=a", "--name", "both", "-o", "json")
    assert of_both.json["source"]["url"] == BLOG, of_both.err
    assert of_both.json["template"]["name"] == "web"


async def test_a_file_names_a_template(carrel: Carrel, tmp_path: Path) -> None:
    await carrel("template", "push", template(tmp_path / "web"))
    file = tmp_path / "workspace.yaml"
    file.write_text("name: paper\ntemplate: web\nparameters: {team: blue, level: high}\n", encoding="utf-8")
    made = await carrel("create", "workspace", str(file))
    assert made.status == 0, made.err
    assert '  template: "web@1"' in made.out
    file.write_text("name: paper\ntemplate: web\nparameters: {team: blue}\nenv: {OWN: 1}\n", encoding="utf-8")
    updated = await carrel("update", "workspace", str(file))
    assert updated.status == 0, updated.err
    found = (await carrel("show", "paper", "-o", "json")).json["definition"]
    assert found["env"] == {"TEAM": "blue", "LEVEL": "low", "OWN": "1"}, "what is not named is as the template has it"
