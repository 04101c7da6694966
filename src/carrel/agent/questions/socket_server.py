"""The socket in the workspace on which its programs ask: one JSON line in, one out, for the remote user and root only."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carrel.agent.questions.asking import Questions
from carrel.agent.users import RemoteUser
from carrel.core.problems import Problem
from carrel.core.questions import Question
from carrel.core.records import load

log = logging.getLogger("carrel.agent")

NAME = "questions.sock"
LINE_LIMIT = 65536
READ_SECONDS = 10.0
_WORDS = ("ask", "protocol", "host", "path", "username", "digest")
"""What a program may say; the rest of a question is ours."""


class QuestionSocket:
    """Listens on a path."""

    def __init__(self, questions: Questions, path: Path) -> None:
        """Put what is asked at `path` to `questions`."""
        self._questions = questions
        self._path = path
        self._server: asyncio.Server | None = None

    async def open_for(self, user: RemoteUser) -> None:
        """Listen, for this user; again where he changed. Nothing that fails here keeps people out."""
        try:
            if self._server is None:
                self._path.unlink(missing_ok=True)  # an agent before this one was killed
                self._server = await asyncio.start_unix_server(self._serve, self._path, limit=LINE_LIMIT)
            self._path.chmod(0o600)
            if user.is_switch():
                os.chown(self._path, user.uid, user.gid)
        except OSError as error:
            log.warning("questions_not_open path=%s error=%s", self._path, error)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                line = await reader.readline()
            writer.write(json.dumps(await self._answer(line, asker(writer))).encode() + b"\n")
            await writer.drain()
        except (OSError, TimeoutError, ValueError):
            pass  # whoever asked is gone, or said nothing that is a question
        finally:
            writer.close()

    async def _answer(self, line: bytes, who: str) -> Mapping[str, Any]:
        try:
            said = json.loads(line)
            words = {name: said[name] for name in _WORDS if name in said}
            question = load(Question, words | {"operation": secrets.token_hex(8), "asker": who})
        except (ValueError, TypeError) as error:
            return {"problem": Problem("malformed_request", f"This is no question: {error}").document()}
        try:
            return {"ok": await self._questions.ask(question)}
        except Problem as problem:
            return {"problem": problem.document()}


def asker(writer: asyncio.StreamWriter) -> str:
    """Who is at the other end: the program that started the one that asks, and its user's id."""
    peer = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", peer)
    try:
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        name = Path(f"/proc/{parent}/comm").read_text().strip()
    except (OSError, IndexError):
        name = ""
    return f"{name[:40]} (uid {uid})".strip()
