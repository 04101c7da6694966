"""A day with templates: the files that somebody writes, and the transcript of what they type (docs/guides/templates.md)."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.templates.folder import starter_files

SHOP = """\
name: shop
title: The shop
icon: 🛒
parameters:
  - {name: team, title: Who works on it}
  - {name: level, type: choice, choices: [low, high], default: high, mutable: true}
sizes:
  large: {cpu: "1", mem: 512Mi}
ceiling: {cpu: "1", mem: 1Gi}
workspace:
  container_image: @base@
  resources: {cpu: 500m, mem: 256Mi}
  env: {TEAM: "${parameters.team}", LEVEL: "${parameters.level}"}
"""
BENCH = """\
name: bench
template: pair
parameters: {database: figures}
"""
DATABASE = '["sh", "-c", "trap exit TERM; sleep infinity & wait"]'
"""In the place of PostgreSQL; it ends when it is told to."""


def shop_files(base: str) -> dict[str, str]:
    """The folder of a template with an image, in a version that is not sound and in two that are, by path."""
    first = SHOP.replace("@base@", base)
    second = first.replace('LEVEL: "', 'VERSION: second, LEVEL: "')
    return {
        "broken/template.yaml": first.replace("title: The shop", "titel: The shop"),
        "shop/template.yaml": first,
        "shop/README.md": "Welcome to the shop\n",
        "newer/template.yaml": second,
        "newer/README.md": "Welcome again\n",
        "bench.yaml": BENCH,
    }


def pair_files(base: str, greeting: str) -> Mapping[str, str]:
    """The starter with a database beside the application, in `pair/` of a repository, of images that are there."""
    files = {path: content.decode() for path, content in starter_files("compose").items()}
    compose = files[".devcontainer/compose.yaml"]
    compose = compose.replace("mcr.microsoft.com/devcontainers/base:bookworm", base)
    compose = compose.replace("image: postgres:17", f"image: {base}\n    command: {DATABASE}")
    files[".devcontainer/compose.yaml"] = compose.replace("pg_isready --username postgres", "true")
    text = (
        files["template.yaml"]
        .replace("name: compose", "name: pair", 1)
        .replace("workspace:", "update: at_start\nworkspace:")
    )
    text = text.replace('resources: {cpu: "2", mem: 4Gi}', 'resources: {cpu: "1", mem: 512Mi}')
    files["template.yaml"] = text.replace("  env:\n", f"  env:\n    GREETING: {greeting}\n")
    return {f"pair/{path}": content for path, content in files.items()}


PUSHED = """\
$ carrel template init lab --starter python
2> lab is a template. Edit lab/template.yaml; `carrel template validate lab` checks it.
$ carrel template validate lab shop
2> lab: the template 'lab' is sound. Parameters: repository, python, log_level.
2> shop: the template 'shop' is sound. Parameters: team, level.
$ carrel template push broken
2> A value is not acceptable: broken/template.yaml, line 2, column 1: there is no key 'titel' (did you mean 'title'?)
[1]
$ carrel template push shop
2> shop is in the catalog of everybody: version 1.
2> `carrel up --template shop` makes a workspace of it.
$ carrel template list
NAME  PROJECT    VERSION  STATE  TITLE
shop  everybody  1        ready  🛒 The shop
$ carrel up --template shop --no-open
2> A value is not acceptable: Parameters of the template: 'team': it is missing
2> hint: Parameters of shop: team, level.
[1]
$ carrel up --template shop --size large --no-open
< blue
VS Code: http://code--shop--<some>/
Open it signed in (this link works once, within a few minutes):
<link>
2> The template shop wants to know:
2> Who works on it:
2> shop is running
$ carrel exec shop sh -c 'echo $TEAM $LEVEL $VERSION; cat README.md'
blue high
Welcome to the shop
$ cp newer/* shop/
$ carrel template push shop
2> shop is in the catalog of everybody: version 2.
2> Workspaces of it: 1. `carrel upgrade NAME` has one take it.
$ carrel ls
NAME  PHASE<some>
shop  running (newer template)  <some>
$ carrel get workspace
Workspace name  CPU  Memory  GPU  Accelerator  TTL Seconds  Active URL
shop            1    512Mi   -    -            <some>
2> notice: shop: version 2 of its template shop is there, and it has 1: `carrel upgrade shop` takes it
$ carrel upgrade shop
2> What was changed needs a restart: shop is being restarted; its files stay.
2> shop has version 2 of the template shop now (it had 1).
$ carrel exec shop sh -c 'echo $TEAM $LEVEL $VERSION; cat README.md'
blue high second
Welcome again
$ carrel update workspace --name shop --parameter team=red
2> A value is not acceptable: Parameters that stay as they were when it was made: team.
[1]
$ carrel template delete shop --yes
2> shop is in the catalog no longer; workspaces of it go on.
$ carrel rm shop --purge --yes
2> shop: nothing is left of it.
"""
FROM_GIT = """\
$ carrel template repository add $GIT/templates.git
NAME  FOLDER  VERSION  STATE
pair  pair    1        new
2> templates.git at <commit>: 1 template.
$ carrel create workspace bench.yaml
Created: workspace_definition {
...
2> Ready
$ carrel exec bench sh -c 'echo $GREETING $PGDATABASE at $PGHOST; ls .devcontainer'
hello figures at db
compose.yaml
devcontainer.json
$ carrel stop bench
2> bench is stopped
"""
CHANGED_IN_GIT = """\
$ carrel template sync
NAME  FOLDER  VERSION  STATE
pair  pair    2        updated
2> templates.git at <commit>: 1 template.
$ carrel ls
NAME   PHASE<some>
bench  stopped (newer template)  <some>
$ carrel start bench
2> bench is running
$ carrel exec bench sh -c 'echo $GREETING $PGDATABASE'
goodbye figures
"""
GONE_FROM_GIT = """\
$ carrel template sync $GIT/templates.git
NAME  FOLDER  VERSION  STATE
pair  pair    2        withdrawn
2> templates.git at <commit>: 1 template.
2> templates.git: There is no template.yaml in it
[1]
$ carrel up --template pair --name another --no-open
2> The template pair was withdrawn
[1]
$ carrel template repository list
ID<some>
<id>  <some>/templates.git  everybody  1          <when>
$ carrel template repository remove $GIT/templates.git
2> templates.git is read no longer.
$ carrel rm bench --purge --yes
2> bench: nothing is left of it.
"""
