"""Clones a repository into /source; runs in a throw-away container and nowhere else.

stdin: one line of JSON, the order (see `Order` in source.py). stderr: what git says. stdout: one line of JSON, the
commit and branch, or a problem. The volume counts as filled when it has any file but the mark of an unfinished clone.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import select
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

SOURCE = Path(os.environ.get("CARREL_SOURCE", "/source"))
SCRATCH = Path(os.environ.get("CARREL_SCRATCH", "/run/carrel"))
GIT = os.environ.get("CARREL_GIT", "/opt/carrel/bin/git")
UNFINISHED = ".carrel-unfinished"
ORDER_SECONDS = 120
ANSWER_SECONDS = 60
NOTE = "carrel-source.json"

SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "protocol.ext.allow=never",
    "safe.directory=*",
    "fetch.recurseSubmodules=false",
    "submodule.recurse=false",
    "http.lowSpeedLimit=100",
    "http.lowSpeedTime=60",
    "advice.detachedHead=false",
    "gc.auto=0",
)

# What git says, in order: the first that is found decides.
MEANINGS = (
    # A checkout does not say why a file cannot be written; where root writes into a volume there is one reason.
    (r"No space left on device|Disk quota exceeded|unable to write file", "no_space"),
    (r"could not read (Username|Password)|Authentication failed|Invalid username or password", "source_denied"),
    (r"The requested URL returned error: (401|403)|HTTP Basic: Access denied|Permission denied", "source_denied"),
    (r"Permission to .* denied|Host key verification failed", "source_denied"),
    (r"transport '.*' not allowed|is not a valid|unsupported protocol|Protocol \".*\" not supported", "bad_source"),
    (r"remote helper|protocol .* is not supported", "bad_source"),
)


class Failure(Exception):  # noqa: N818  carries a problem, as core/problems.py calls it
    """Ends the program with a problem of a kind of core/problems.py."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


def say(text: str) -> None:
    """A line for people."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def answer(result: dict[str, str]) -> None:
    """The one line that the server reads."""
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


def read_order() -> dict[str, Any]:
    """The order; who was told to wait for one that never comes must not wait for ever."""
    ready, _, _ = select.select([sys.stdin], [], [], ORDER_SECONDS)
    line = sys.stdin.readline() if ready else ""
    if not line.strip():
        raise Failure("engine_error", "The order for the clone did not arrive.")
    order: dict[str, Any] = json.loads(line)
    return order


def environment(order: dict[str, Any]) -> dict[str, str]:
    """What git runs in: no configuration but ours, no questions, only the allowed protocols."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    env = dict(os.environ) | {
        "HOME": str(SCRATCH),
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": ":".join(order["protocols"]),
        "GIT_ASKPASS": str(write_askpass(order)),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": f"ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile={SCRATCH}/hosts",
    }
    if order.get("ca"):
        bundle = SCRATCH / "ca.crt"
        bundle.write_bytes(base64.b64decode(order["ca"]))
        env["GIT_SSL_CAINFO"] = str(bundle)
    return env


def write_askpass(order: dict[str, Any]) -> Path:
    """A program that tells git the credential, and only for the host it is meant for: a redirect elsewhere gets none."""
    for name in ("username", "password"):
        (SCRATCH / name).write_text(order.get(name) or "")
    host = re.sub(r"[^A-Za-z0-9.:\[\]-]", "", order.get("host") or "-")
    program = SCRATCH / "askpass"
    answers = f"U*) cat {SCRATCH}/username;; P*) cat {SCRATCH}/password;;"
    program.write_text(
        f'#!/bin/sh\ncase "$1" in *"//{host}\'"*|*"@{host}\'"*) ;; *) exit 1;; esac\ncase "$1" in {answers} esac\n'
    )
    program.chmod(0o700)
    if not order.get("password"):
        program.write_text("#!/bin/sh\nexit 1\n")
    return program


class Git:
    """Runs git in the source folder."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env

    def __call__(self, *words: str, seconds: float | None = None) -> str:
        """The stdout of git. Raises Failure with what its stderr means."""
        options = [word for option in SAFE for word in ("-c", option)]
        argv = [GIT, "-C", str(SOURCE), *options, *words]
        with subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1) as process:
            try:
                out, said = self._talk(process, seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                raise Failure("source_unreachable", "The git server did not answer in time.") from None
        if process.returncode:
            raise Failure(meaning(said), last_words(said))
        return out

    def _talk(self, process: subprocess.Popen[bytes], seconds: float | None) -> tuple[str, str]:
        """Its stdout and stderr; without a time limit, stderr is passed on as it comes."""
        said = b""
        while seconds is None and process.stderr and (chunk := os.read(process.stderr.fileno(), 65536)):
            said = (said + chunk)[-65536:]
            sys.stderr.buffer.write(chunk)
            sys.stderr.flush()
        out, err = process.communicate(timeout=seconds)
        return out.decode(errors="replace"), (said + err).decode(errors="replace")


def meaning(said: str) -> str:
    """The kind of problem that git's words are about."""
    for pattern, kind in MEANINGS:
        if re.search(pattern, said):
            return kind
    return "source_unreachable"


def last_words(said: str) -> str:
    """The lines that say what went wrong."""
    lines = [line.strip() for line in said.replace("\r", "\n").splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote: ", "ERROR:"))]
    return " ".join((telling or lines)[-3:])[-600:] or "git gave no reason"


def is_filled() -> bool:
    """Whether somebody's files are there; what an interrupted clone left is removed."""
    names = [entry.name for entry in SOURCE.iterdir() if entry.name != "lost+found"]
    if UNFINISHED not in names:
        return bool(names)
    say("Removing what an interrupted clone left")
    empty()
    return False


def empty() -> None:
    """Remove what a clone left; the mark last, so that an interruption is taken up again."""
    for entry in SOURCE.iterdir():
        if entry.name not in {UNFINISHED, "lost+found"}:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    (SOURCE / UNFINISHED).unlink(missing_ok=True)


def earlier_result() -> dict[str, str]:
    """What the clone noted when it filled the volume."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        descriptor = os.open(SOURCE / ".git" / NOTE, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor) as file:
            noted = json.loads(file.read(1000))
        return {"commit": str(noted["commit"])[:64], "branch": str(noted["branch"])[:250]}
    return {"commit": "", "branch": ""}


def remote_refs(git: Git, order: dict[str, Any]) -> tuple[dict[str, str], str]:
    """The refs that may be meant, with their commits, and the default branch's ref."""
    wanted = [candidate["ref"] for candidate in order["candidates"] if candidate["kind"] != "commit"]
    listed = git("ls-remote", "--symref", "origin", "HEAD", *wanted, seconds=ANSWER_SECONDS)
    refs, default = {}, ""
    for line in listed.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: "):
            default = value.removeprefix("ref: ")
        elif name:
            refs[name] = value
    return refs, default


def choose(order: dict[str, Any], refs: dict[str, str], default: str) -> dict[str, str] | None:
    """Which candidate is meant; None: the default branch of an empty repository."""
    if not order["candidates"]:
        if not refs:
            return None
        if not default:
            return {"ref": refs["HEAD"], "kind": "commit", "local": ""}
        return {"ref": default, "kind": "branch", "local": default.removeprefix("refs/heads/")}
    for candidate in order["candidates"]:
        if candidate["kind"] == "commit" or candidate["ref"] in refs:
            found: dict[str, str] = candidate
            return found
    raise Failure("ref_not_found", f"The repository has no branch, tag or commit {order['ref']!r}.")


def clone(git: Git, order: dict[str, Any]) -> dict[str, str]:
    """Fill the volume; returns commit and branch."""
    git("init", "--quiet", "--template=", "--initial-branch=main", ".")
    git("remote", "add", "origin", "--", order["url"])
    refs, default = remote_refs(git, order)
    chosen = choose(order, refs, default)
    if chosen is None:
        say("The repository is empty")
        return {"commit": "", "branch": "main"}
    specs = ["+refs/heads/*:refs/remotes/origin/*"]
    if chosen["kind"] == "tag":
        specs.append(f"+{chosen['ref']}:{chosen['ref']}")
    elif chosen["kind"] == "pull":
        specs.append(f"+{chosen['ref']}:refs/remotes/origin/{chosen['local']}")
    git("fetch", "--progress", "--no-recurse-submodules", "origin", *specs)
    if default:
        git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/" + default.removeprefix("refs/heads/"))
    check_out(git, chosen, order)
    branch = chosen["local"] if chosen["kind"] in {"branch", "pull"} else ""
    return {"commit": git("rev-parse", "HEAD").strip(), "branch": branch}


def check_out(git: Git, chosen: dict[str, str], order: dict[str, Any]) -> None:
    """Put the files of what was chosen into the working tree."""
    remote = f"refs/remotes/origin/{chosen['local']}"
    if chosen["kind"] == "branch":
        git("checkout", "--quiet", "-B", chosen["local"], "--track", remote.removeprefix("refs/remotes/"))
    elif chosen["kind"] == "pull":
        git("checkout", "--quiet", "-B", chosen["local"], "--no-track", remote)
    elif chosen["kind"] == "tag":
        git("checkout", "--quiet", "--detach", f"{chosen['ref']}^{{commit}}")
    else:
        git("checkout", "--quiet", "--detach", find_commit(git, chosen["ref"], order))


def find_commit(git: Git, name: str, order: dict[str, Any]) -> str:
    """The commit that a hash, or the beginning of one, means."""
    with contextlib.suppress(Failure):
        return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", seconds=60).strip()
    try:
        git("fetch", "--progress", "--no-recurse-submodules", "origin", name)
        return git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", seconds=60).strip()
    except Failure as failure:
        if failure.kind in {"no_space", "source_denied"}:
            raise
        raise Failure("ref_not_found", f"The repository has no branch, tag or commit {order['ref']!r}.") from None


def perform() -> dict[str, str]:
    """Do what the order says."""
    order = read_order()
    if is_filled():
        say("The project volume has files already; it is left as it is")
        return earlier_result()
    if not order.get("url"):
        return {"commit": "", "branch": ""}
    (SOURCE / UNFINISHED).touch()
    say(f"Cloning {order['url']}")
    try:
        result = clone(Git(environment(order)), order)
    except Failure:
        empty()
        raise
    (SOURCE / ".git" / NOTE).write_text(json.dumps(result))
    (SOURCE / UNFINISHED).unlink()
    return result


def main() -> NoReturn:
    """Perform, and say what came of it."""
    try:
        result = perform()
    except Failure as failure:
        answer({"problem": failure.kind, "detail": failure.detail})
        sys.exit(1)
    except OSError as error:
        kind = "no_space" if error.errno in {28, 122} else "engine_error"
        answer({"problem": kind, "detail": str(error)})
        sys.exit(1)
    answer(result)
    sys.exit(0)


if __name__ == "__main__":
    main()
