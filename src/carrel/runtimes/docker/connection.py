"""Talks to one Docker Engine: finds it, agrees on an API version, sends requests, turns refusals into problems.

aiodocker opens the connection (unix, TCP with TLS, SSH); requests are our own JSON (manifest.py), because half of what
we need (streamed archives, build targets, wait) has no method there.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiodocker
import aiohttp

from carrel.core.problems import Problem
from carrel.runtimes.docker.refusals import EngineRefused, unreachable

OLDEST_API = (1, 41)
NEWEST_API = (1, 47)
SUBPATH_API = (1, 45)
"""Volumes can be mounted from a folder inside them."""
_USUAL_SOCKET = "unix:///var/run/docker.sock"
_NOT_CONNECTED = 900
"""aiodocker's status for it."""
_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 120.0
"""A busy disk makes the engine slow to create and remove; a step that takes longer has its own time-out."""

Body = Mapping[str, Any] | bytes | AsyncIterable[bytes] | None


@dataclass(frozen=True)
class Request:
    """One request that is not plain JSON."""

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Body = None
    headers: Mapping[str, str] | None = None
    seconds: float | None = None
    """Longest silence; None: as long as it takes."""
    registry: bool = False
    """Whether the engine talks to a registry for it."""


class Engine:
    """A connection to an engine; opened by the first request, and again after a restart of the engine."""

    def __init__(self, host: str = "") -> None:
        """Address as in DockerSettings.host."""
        self._host = host
        self._docker: aiodocker.Docker | None = None
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self.version: Mapping[str, Any] = {}
        """Answer of GET /version."""

    @property
    def address(self) -> str:
        """Where the engine is looked for."""
        return self._host or os.environ.get("DOCKER_HOST", "") or _USUAL_SOCKET

    @property
    def is_local(self) -> bool:
        """Whether the engine is on this machine, as far as its address says."""
        return self.address.startswith("unix://")

    @property
    def api(self) -> tuple[int, int]:
        """The API version agreed on."""
        return min(parse_version(self.version.get("ApiVersion", "1.41")), NEWEST_API)

    async def docker(self) -> aiodocker.Docker:
        """The open connection.

        Raises:
            Problem: `no_engine`, `engine_too_old`.
        """
        if self._docker is not None:
            return self._docker
        async with self._opening:
            if self._docker is None:
                self._docker = await self._open()
            return self._docker

    async def _open(self) -> aiodocker.Docker:
        try:
            docker = aiodocker.Docker(url=self.address, api_version="v1.41")
        except (ValueError, AssertionError, OSError) as error:
            raise unreachable(self.address, error) from error
        try:
            async with asyncio.timeout(_CONNECT_SECONDS), docker.session.get(f"{docker.docker_host}/version") as answer:
                self.version = await answer.json()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            await docker.close()
            raise unreachable(self.address, error) from error
        if parse_version(self.version.get("ApiVersion", "0.0")) < OLDEST_API:
            await docker.close()
            detail = f"It is version {self.version.get('Version')} with API {self.version.get('ApiVersion')}."
            raise Problem("engine_too_old", detail)
        docker.api_version = "v{}.{}".format(*self.api)
        if self.is_local:
            # aiodocker's own has 100 connections: that many builds and logs that are followed would hold up everything.
            connector = aiohttp.UnixConnector(self.address.removeprefix("unix://"), limit=0)
            self._session = aiohttp.ClientSession(connector=connector)
        return docker

    @asynccontextmanager
    async def borrowed(self) -> AsyncIterator[aiodocker.Docker]:
        """The open connection for aiodocker's own methods, whose errors become problems like ours."""
        try:
            yield await self.docker()
        except aiodocker.DockerError as error:
            if error.status == _NOT_CONNECTED:
                raise unreachable(self.address, error) from error
            raise EngineRefused(error.status, error.message) from error
        except aiohttp.ClientError as error:
            raise unreachable(self.address, error) from error

    async def close(self) -> None:
        """Close the connection."""
        if self._docker is not None:
            docker, self._docker = self._docker, None
            await docker.close()
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def get(self, path: str, **params: Any) -> Any:
        """JSON of a GET."""
        return await self.ask(Request("GET", path, params, seconds=_ANSWER_SECONDS))

    async def find(self, path: str, **params: Any) -> Any | None:
        """JSON of a GET, or None where there is no such thing."""
        try:
            return await self.get(path, **params)
        except EngineRefused as refused:
            if refused.code == 404:
                return None
            raise

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **params: Any) -> Any:
        """JSON of a POST."""
        return await self.ask(Request("POST", path, params, body, seconds=_ANSWER_SECONDS))

    async def delete(self, path: str, **params: Any) -> bool:
        """Delete; False where there is no such thing, or it is being deleted already."""
        try:
            await self.ask(Request("DELETE", path, params, seconds=_ANSWER_SECONDS))
        except EngineRefused as refused:
            if refused.code == 404 or "already in progress" in refused.message:
                return False
            raise
        return True

    async def ask(self, request: Request) -> Any:
        """The JSON of an answer, or None where it has no body."""
        async with self.stream(request) as answer:
            content = await answer.read()
        return json.loads(content) if content else None

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[aiohttp.ClientResponse]:
        """The open answer.

        Raises:
            EngineRefused: the status says so.
            Problem: `no_engine`: the connection could not be made or was lost.
        """
        docker = await self.docker()
        options: dict[str, Any] = {"params": _params(request.params), "headers": dict(request.headers or {})}
        if isinstance(request.body, Mapping):
            options["json"] = request.body
        elif request.body is not None:
            options["data"] = request.body
            options["headers"].setdefault("Content-Type", "application/x-tar")
        timeout = aiohttp.ClientTimeout(sock_connect=_CONNECT_SECONDS, sock_read=request.seconds)
        url = f"{docker.docker_host}/{docker.api_version}/{request.path}"
        try:
            async with (self._session or docker.session).request(
                request.method, url, timeout=timeout, **options
            ) as answer:
                if answer.status >= 400:
                    raise EngineRefused(answer.status, await _message(answer), registry=request.registry)
                yield answer
        except aiohttp.ServerTimeoutError as error:
            detail = f"The engine did not answer {request.method} {request.path} in time."
            raise Problem("engine_error", detail) from error
        except aiohttp.ClientError as error:
            raise unreachable(self.address, error) from error

    async def lines(self, request: Request) -> AsyncGenerator[Mapping[str, Any], None]:
        """The JSON objects of a streamed answer. Raises EngineRefused for an `error` among them."""
        async with self.stream(request) as answer:
            async for line in _json_lines(answer):
                if "error" in line:
                    raise EngineRefused(0, str(line["error"]), registry=request.registry)
                yield line


async def _json_lines(answer: aiohttp.ClientResponse) -> AsyncIterator[Mapping[str, Any]]:
    rest = b""
    async for chunk in answer.content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.strip():
                yield json.loads(line)
    if rest.strip():
        yield json.loads(rest)


async def _message(answer: aiohttp.ClientResponse) -> str:
    text = await answer.text(errors="replace")
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text or f"status {answer.status}"


def _params(params: Mapping[str, Any] | None) -> dict[str, str]:
    """Query parameters: booleans as 1 and 0, structures as JSON, None left out."""
    given: dict[str, str] = {}
    for name, value in (params or {}).items():
        if isinstance(value, bool):
            given[name] = "1" if value else "0"
        elif isinstance(value, (Mapping, list, tuple)):
            given[name] = json.dumps(value)
        elif value is not None:
            given[name] = str(value)
    return given


def parse_version(text: str) -> tuple[int, int]:
    """`1.41` as numbers."""
    major, _, minor = text.partition(".")
    return int(major), int(minor.split(".")[0] or 0)
