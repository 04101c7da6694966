"""What git and gh run in the workspace: `credential get|store|erase`, `sign ARGUMENTS`, `token HOST`. Standard library only.

Asks the agent, and the agent the server (ADR 0032). Nothing is kept. As gitcredentials(7) has it for helpers, and as
git calls `gpg.ssh.program` (git-config(1)), which is ssh-keygen(1) for all that is not ours.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sys
from base64 import b64encode
from itertools import pairwise
from pathlib import Path
from typing import Any, TextIO

VARIABLE = "CARREL_QUESTIONS"
"""Path of the agent's socket."""
DEFAULT_SOCKET = "/var/lib/carrel/questions.sock"
SIGNING_KEY = "signing.pub"
"""The public half of the owner's signing key, beside the socket."""
TOOLBOX_KEYGEN = "/opt/carrel/bin/ssh-keygen"
SECONDS = 30.0
"""The agent answers within 5 s where no server does (agent/questions/asking.py)."""
INPUT_BYTES = 65536


class Refused(Exception):  # noqa: N818  it is an answer
    """No answer, in words for a person."""

    def __init__(self, words: str, kind: str = "") -> None:
        """Say `words`; `kind` is the problem's."""
        super().__init__(words)
        self.kind = kind


def socket_path() -> Path:
    """Where the agent listens."""
    return Path(os.environ.get(VARIABLE) or DEFAULT_SOCKET)


def ask(question: dict[str, str]) -> dict[str, Any]:
    """The server's answer. Raises Refused."""
    try:
        with socket.socket(socket.AF_UNIX) as agent:
            agent.settimeout(SECONDS)
            agent.connect(str(socket_path()))
            agent.sendall(json.dumps(question).encode() + b"\n")
            line = agent.makefile("rb").readline()
        answer = json.loads(line)
    except (OSError, ValueError) as error:
        raise Refused(f"Carrel's agent does not answer: {error}", "unavailable") from error
    if "ok" in answer:
        return dict(answer["ok"])
    problem = answer.get("problem") or {}
    words = " ".join(filter(None, (problem.get("detail") or problem.get("title"), problem.get("hint"))))
    raise Refused(words, str(problem.get("kind")))


# --- git credential -------------------------------------------------------------------------------------------------


def credential(operation: str, given: str) -> tuple[str, str]:
    """What git gets on standard output, and the person on standard error."""
    members = dict(line.split("=", 1) for line in given.splitlines() if "=" in line)
    if members.get("protocol") not in {"https", "http"} or not members.get("host"):
        return "", ""
    if operation == "get":
        return _get(members)
    return ("", _rejected(members)) if operation == "erase" else ("", "")


def _get(members: dict[str, str]) -> tuple[str, str]:
    try:
        found = _credential(members)
    except Refused as refused:
        return "", f"carrel: {refused}\n"
    lines = [f"username={found['username']}", f"password={found['password']}"]
    if found.get("expires_at"):
        lines.append(f"password_expiry_utc={found['expires_at']}")
    return "".join(f"{line}\n" for line in lines), ""


def _rejected(members: dict[str, str]) -> str:
    """Git drops a password that a host did not take: where it was ours, say whose it is and what to do."""
    try:
        ours = _credential({name: members[name] for name in ("protocol", "host")})["password"]
    except Refused:
        return ""
    if ours != members.get("password"):
        return ""
    host = members["host"]
    return (
        f"carrel: {host} does not take the credential that is stored for it. "
        f"`carrel git-credential add {host}` on your own machine stores another, `login` gets one where that is set up.\n"
    )


def _credential(members: dict[str, str]) -> dict[str, Any]:
    question = {name: members[name] for name in ("protocol", "host", "path", "username") if name in members}
    found = ask({"ask": "git_credential"} | question)
    if any("\n" in str(found[name]) or "\0" in str(found[name]) for name in ("username", "password")):
        raise Refused("The credential is malformed.")
    return found


# --- signatures -----------------------------------------------------------------------------------------------------


def sign(arguments: list[str]) -> int:
    """`-Y sign -n git -f KEY [-U] FILE` with the owner's key; all else is ssh-keygen's. Returns the exit status."""
    options = dict(pairwise(arguments))
    is_ours = options.get("-Y") == "sign" and options.get("-n") == "git" and _is_our_key(options.get("-f", ""))
    if not is_ours:
        return _keygen(arguments)
    file = arguments[-1]
    digest = hashlib.sha512(Path(file).read_bytes()).digest()
    try:
        signature = ask({"ask": "git_signature", "digest": b64encode(digest).decode()})["signature"]
    except Refused as refused:
        print(f"carrel: {refused}", file=sys.stderr)  # noqa: T201  a program
        return 1
    Path(f"{file}.sig").write_text(signature)
    return 0


def _is_our_key(path: str) -> bool:
    """Whether the key file is the owner's public key, also as a copy: git writes literal keys into files."""
    try:
        ours, theirs = socket_path().with_name(SIGNING_KEY).read_text(), Path(path).read_text()
    except (OSError, ValueError):
        return False
    return ours.split()[:2] == theirs.split()[:2]


def _keygen(arguments: list[str]) -> int:
    program = shutil.which("ssh-keygen") or TOOLBOX_KEYGEN
    os.execv(program, [program, *arguments])  # noqa: S606  the same arguments
    return 1


# --- gh --------------------------------------------------------------------------------------------------------------


def token(host: str, out: TextIO) -> int:
    """The token for a host, for a program that takes it in its own environment; nothing where there is none."""
    try:
        out.write(f"{ask({'ask': 'git_credential', 'protocol': 'https', 'host': host})['password']}\n")
    except Refused as refused:
        return 0 if refused.kind == "not_found" else 1
    return 0


def main(argv: list[str]) -> int:
    """Run one of the three; the exit status."""
    if argv[:1] == ["credential"]:
        operation = argv[1] if len(argv) > 1 else ""
        answer, words = credential(operation, sys.stdin.read(INPUT_BYTES))
        sys.stdout.write(answer)
        sys.stderr.write(words)
        return 0
    if argv[:1] == ["sign"]:
        return sign(argv[1:])
    if argv[:1] == ["token"] and len(argv) == 2:
        return token(argv[1], sys.stdout)
    sys.stderr.write("usage: credential get|store|erase | sign ARGUMENTS | token HOST\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
