"""Jobs in throw-away containers that outlive this process: found again by name, told what to do, followed to the end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from carrel.core.problems import PROBLEMS, Problem
from carrel.core.spec import TOOLBOX_PATH
from carrel.runtimes.contract import Log
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.helpers import Helper, helper_manifest
from carrel.runtimes.docker.inside import program
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.multiplex import STDOUT, frames
from carrel.runtimes.docker.progress import ProgressLog
from carrel.runtimes.docker.refusals import EngineRefused

_MAX_ANSWER = 65536


def python_command(name: str) -> tuple[str, ...]:
    """The argv that runs one of our programs (inside/) on the toolbox's Python."""
    return (f"{TOOLBOX_PATH}/bin/python3", "-I", "-S", "-c", program(name))


class Jobs:
    """Runs jobs."""

    def __init__(self, engine: Engine, maker: Maker) -> None:
        """Run with `engine`."""
        self._engine = engine
        self._maker = maker

    async def run(self, helper: Helper, order: Mapping[str, Any], log: Log) -> Mapping[str, Any]:
        """The answer of the job `helper`, whose program reads `order` from stdin and answers with one line of JSON.

        A running container of the same job (Helper.job) is followed, one that ended well gives its answer; another
        job's, or a failed one, is replaced.

        Raises:
            Problem: what the program answered, or `engine_error` where it was ended from outside.
        """
        container, ended = await self._find_or_create(helper)
        if not ended:
            await self._tell(container, order)
        answer = await self._follow(container, log)
        await self._engine.delete(f"containers/{container}", force=True, v=True)
        return _told(answer)

    async def _find_or_create(self, helper: Helper) -> tuple[str, bool]:
        """The container, and whether it has ended well already."""
        name = self._maker.names.helper(helper.ref, helper.kind)
        for _ in range(3):
            found = await self._engine.find(f"containers/{name}/json")
            if found is not None:
                same = (found["Config"].get("Labels") or {}).get(names.JOB) == helper.job
                state = found["State"]
                if same and state["Status"] == "running":
                    return str(found["Id"]), False
                if same and state["Status"] == "exited" and state["ExitCode"] == 0:
                    return str(found["Id"]), True
                await self._engine.delete(f"containers/{found['Id']}", force=True, v=True)
            try:
                made = await self._engine.post("containers/create", helper_manifest(self._maker, helper), name=name)
            except EngineRefused as refused:
                if refused.code != 409:
                    raise
            else:
                return str(made["Id"]), False
        raise Problem("engine_error", f"The container {name} cannot be made anew.")

    async def _tell(self, container: str, order: Mapping[str, Any]) -> None:
        """Start it unless it runs, and give it the order; one that was told before ignores it."""
        line = json.dumps(order).encode() + b"\n"
        async with self._engine.borrowed() as docker:
            attached = docker.containers.container(container).attach(stdin=True, stdout=False, stderr=False)
            async with attached as stream:
                await self._engine.post(f"containers/{container}/start")
                await stream.write_in(line)

    async def _follow(self, container: str, log: Log) -> bytes:
        """Pass on stderr until the container ends; returns the last line of stdout."""
        progress, answer = ProgressLog(log), b""
        request = Request("GET", f"containers/{container}/logs", {"follow": True, "stdout": True, "stderr": True})
        async with self._engine.stream(request) as stream:
            async for kind, content in frames(stream.content.iter_any()):
                if kind == STDOUT:
                    answer = (answer + content)[-_MAX_ANSWER:]
                else:
                    progress.feed(content)
        progress.end()
        return answer.strip().rsplit(b"\n", 1)[-1]


def _told(answer: bytes) -> Mapping[str, Any]:
    try:
        told: Mapping[str, Any] = json.loads(answer)
    except ValueError as error:
        raise Problem("engine_error", "A helper's container was ended from outside.") from error
    if "problem" in told:
        kind = told["problem"] if told["problem"] in PROBLEMS else "engine_error"
        raise Problem(kind, str(told.get("detail", ""))[:1000])
    return told
