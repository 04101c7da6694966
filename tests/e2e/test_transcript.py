"""A user's first day with the long commands, and one with templates, as transcripts: every command with all that it prints (issue 5, show 1)."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from tests.contract.images import busybox_image
from tests.e2e import template_day
from tests.e2e.installation import BIN, Installation
from tests.e2e.repositories import Repositories

# `$ command`, then its standard output, whole; `2> text` is in its standard error; `[3]` is its status where it is not 0;
# `< text` is typed at a terminal. <link>, <when> and such stand for what is another one each day.
FIRST_MORNING = """\
$ carrel create workspace-config --init base_image base.yaml
Created: base.yaml
2> Look it over, then: carrel create workspace base.yaml
$ carrel create workspace-config --init custom_image workspace.yaml
Created: workspace.yaml
2> Look it over, then: carrel create workspace workspace.yaml
$ carrel create workspace-config --init base_image workspace.yaml
2> Something is there already: workspace.yaml is there already.
2> hint: Give another name, or --force.
[1]
$ carrel create workspace typos.yaml
2> A value is not acceptable: typos.yaml, line 2, column 1: there is no key 'resource' (did you mean 'resources'?)
2>   typos.yaml, line 3, column 14: ttl_seconds: it should be a whole number, not '20m'
2> hint: docs/reference/workspace-yaml.md lists all keys.
[1]
$ carrel create secret --name wandb_key
< a-value-typed-in
Created: secret wandb_key (user)
2> Enter secret value:
$ carrel create secret --project default --domain development --name bucket -
Created: secret bucket (project default, domain development)
$ carrel get secret --project default --domain development
Secret name  Scope                                Created              Updated
bucket       project default, domain development  <when>  <when>
$ carrel preferences --domain development
SSH starts a stopped workspace  no
Project of new workspaces       as the server's settings say
Domain of new workspaces        development
...
"""
THE_WORKSPACE = """\
$ carrel create workspace paper.yaml
Created: workspace_definition {
  name: "paper"
  description: "Figures of the paper"
  project: "default"
  domain: "development"
  container_image {
    name: "paper"
    builder: "carrel"
    env {
      SEED: "7"
    }
    commands: "echo made > /made"
    base_image: "<base>"
  }
  resources {
    cpu: "500m"
    mem: "512Mi"
  }
  on_startup: "cat /made > /tmp/started"
  ttl_seconds: 1200
  secrets {
    key: "wandb_key"
    env_var: "WANDB_KEY"
  }
  secrets {
    key: "bucket"
  }
  env {
    STAGE: "1"
  }
}
Starting workspace 'paper'
🚀 Workspace started: Open VSCode in Browser
<link>
2> Built image
$ carrel get workspace
Workspace name  CPU   Memory  GPU  Accelerator  TTL Seconds  Active URL
paper           500m  512Mi   -    -            1200         <url>
$ carrel exec paper sh -c 'echo $SEED $STAGE $WANDB_KEY; cat /tmp/started'
7 1 a-value-typed-in
made
$ carrel extend paper 2h
2> paper runs until <when> at the latest.
$ carrel why paper | grep "^when idle"
when idle<some>20 min<some>workspace<some>
$ carrel audit --workspace paper --action workspace.created
<when>  <some>  workspace.created  <some>/paper  127.0.0.1
$ carrel audit --workspace paper --action workspace.created --export -
{<some>"workspace.created"<some>}
$ carrel create workspace paper.yaml
2> The name is taken: You already have a workspace 'paper'.
2> hint: `carrel update workspace paper.yaml` changes it, `carrel start workspace --name paper` starts it.
[1]
$ carrel update secret --name wandb_key -
Updated: secret wandb_key (user)
$ carrel update workspace later.yaml
Updated: workspace_definition {
  name: "paper"
  project: "default"
  domain: "development"
  container_image: "<base>"
  ttl_seconds: 2400
}
2> What was changed needs a restart: paper is being restarted; its files stay.
2> Ready
$ carrel exec paper sh -c 'ls /made || echo another image'
another image
$ carrel stop workspace --name paper
Workspace instance stopped: paper
$ carrel get workspace --name paper --project default --domain development
Workspace name  CPU  Memory  GPU  Accelerator  TTL Seconds  Active URL
paper           -    -       -    -            2400         -
$ carrel start workspace --name paper
Starting workspace 'paper'
🚀 Workspace started: Open VSCode in Browser
<link>
$ carrel update workspace longer.yaml
Updated: workspace_definition {
  name: "paper"
  project: "default"
  domain: "development"
  container_image: "<base>"
  ttl_seconds: 3600
}
"""
THE_EVENING = """\
$ carrel archive workspace --name paper
Workspace archived: paper
2> Its files are kept; `carrel unarchive paper` takes it back.
$ carrel ls
2> There is no workspace. `carrel up SOURCE` makes one.
$ carrel start workspace --name paper
Starting workspace 'paper'
2> The workspace is not in a state for this: paper is archived.
2> hint: Run `carrel unarchive paper` first.
[1]
$ carrel unarchive workspace --name paper
Workspace unarchived: paper
2> It is stopped; `carrel start workspace --name paper` starts it.
$ carrel delete secret --project default --domain development --name bucket --yes
Deleted: secret bucket (project default, domain development)
$ carrel delete workspace --name paper
Workspace deleted: paper
2> It is in the trash until <when>; `carrel undelete paper` brings it back.
$ carrel get workspace --name paper
Workspace name  CPU  Memory  GPU  Accelerator  TTL Seconds  Active URL
paper           -    -       -    -            3600         -
$ carrel get workspace
2> There is no workspace. `carrel create workspace FILE` makes one.
"""
STANDS_FOR = {
    "<link>": r"http://127\.0\.0\.1:\d+/login\?code=\S+",
    "<url>": r"http://code--paper--\S+/",
    "<when>": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "<base>": re.escape("{base}"),
    "<commit>": r"[0-9a-f]{12}",
    "<id>": r"[a-z0-9]{12}",
    "<some>": r".+",
}
PAPER = """\
name: Paper
description: Figures of the paper
container_image:
  name: paper
  base_image: {base}
  env: {{SEED: 7}}
  commands: [echo made > /made]
resources: {{cpu: 500m, mem: 512Mi}}
on_startup: cat /made > /tmp/started
ttl_seconds: 1200
secrets:
  - key: wandb_key
    env_var: WANDB_KEY
  - key: bucket
env: {{STAGE: 1}}
"""


class Desk:
    """A folder in which somebody types commands."""

    def __init__(self, installation: Installation, folder: Path, base: str) -> None:
        self._installation = installation
        self.folder = folder
        self.base = base
        self.environment: dict[str, str] = {}
        """Variables of the shell that commands are typed in."""

    def play(self, transcript: str) -> None:
        """Type every command, and compare all that it prints."""
        for block in re.split(r"^\$ ", transcript, flags=re.MULTILINE)[1:]:
            command, *lines = block.splitlines()
            status = next((int(line[1:-1]) for line in lines if re.fullmatch(r"\[\d+\]", line)), 0)
            typed = "".join(f"{line[2:]}\n" for line in lines if line.startswith("< "))
            wanted = [
                line for line in lines if not line.startswith(("2> ", "< ")) and not re.fullmatch(r"\[\d+\]", line)
            ]
            done = self._run(command, typed)
            stdout, rest = done.stdout.decode(), done.stderr.decode()
            told = f"$ {command}\n{stdout}\n2> {rest}\n{self._installation.log()}"
            assert done.returncode == status, told
            unlike = self._unlike(wanted, stdout.splitlines())
            assert not unlike, f"{unlike}\n{told}"
            for line in (line[3:] for line in lines if line.startswith("2> ")):
                found = re.search(self._filled(line), rest)
                assert found is not None, f"{line!r} is missing: {told}"
                rest = rest[found.end() :]

    def _run(self, command: str, typed: str) -> subprocess.CompletedProcess[bytes]:
        words = self.environment | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUTF8": "1"}
        environment = self._installation.environment | words
        if typed:
            return self._at_terminal(command, typed, environment)
        return subprocess.run(
            ["sh", "-c", command],
            env=environment,
            cwd=self.folder,
            input=b"a-piped-value\n",
            capture_output=True,
            check=False,
        )

    def _at_terminal(self, command: str, typed: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
        """The command with a terminal as its standard input: somebody types once he is asked."""
        keyboard, stdin = pty.openpty()
        words = ["sh", "-c", command]
        process = subprocess.Popen(
            words,
            env=environment,
            cwd=self.folder,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # no terminal but that one
        )
        try:
            assert process.stderr is not None
            asked = b""
            while not asked.endswith(b": ") and (letter := os.read(process.stderr.fileno(), 1)):
                asked += letter
            os.write(keyboard, typed.encode())
            stdout, stderr = process.communicate(timeout=60)
        finally:
            os.close(keyboard)
            os.close(stdin)
            process.kill()
            process.wait()
        return subprocess.CompletedProcess(words, process.returncode, stdout, asked + stderr)

    def _unlike(self, wanted: list[str], printed: list[str]) -> str:
        """The first line that is not as the transcript has it; empty: all are. `...`: nobody looks at the rest."""
        for place, line in enumerate(wanted):
            if line == "...":
                return ""
            found = printed[place] if place < len(printed) else "(nothing)"
            if not re.fullmatch(self._filled(line), found):
                return f"{line!r} should be there, and there is {found!r}"
        return f"too much: {printed[len(wanted) :]}" if len(printed) > len(wanted) else ""

    def _filled(self, line: str) -> str:
        parts = re.split(f"({'|'.join(STANDS_FOR)})", line)
        filled = "".join(STANDS_FOR.get(part) or re.escape(part) for part in parts)
        return filled.replace(re.escape("{base}"), re.escape(self.base))


@pytest.fixture(scope="module")
def desk(shared: Installation, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with the files of the day."""
    folder, base = tmp_path_factory.mktemp("desk"), busybox_image()
    files = {
        "typos.yaml": "name: paper\nresource: {cpu: 1}\nttl_seconds: 20m\n",
        "paper.yaml": PAPER.format(base=base),
        "later.yaml": f"name: paper\ncontainer_image: {base}\nttl_seconds: 2400\n",
        "longer.yaml": f"name: paper\ncontainer_image: {base}\nttl_seconds: 3600\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return Desk(shared, folder, base)


@pytest.mark.timeout(600)  # some thirty commands, one after the other
def test_a_first_day_with_the_long_commands(desk: Desk) -> None:
    for transcript in (FIRST_MORNING, THE_WORKSPACE, THE_EVENING):
        desk.play(transcript)


@pytest.mark.timeout(600)
def test_a_day_with_templates(desk: Desk, repositories: Repositories) -> None:
    for path, text in template_day.shop_files(desk.base).items():
        (desk.folder / path).parent.mkdir(exist_ok=True)
        (desk.folder / path).write_text(text, encoding="utf-8")
    desk.environment["GIT"] = repositories.address
    repositories.make("templates", template_day.pair_files(desk.base, "hello"))
    desk.play(template_day.PUSHED)
    desk.play(template_day.FROM_GIT)
    repositories.make("templates", template_day.pair_files(desk.base, "goodbye"))
    desk.play(template_day.CHANGED_IN_GIT)
    repositories.make("templates", {"README.md": "Templates were here."})
    desk.play(template_day.GONE_FROM_GIT)
