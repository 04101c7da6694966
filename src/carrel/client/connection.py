"""HTTP to one server: the token, timeouts, and failures as problems. Foreign exceptions end here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from carrel import __version__
from carrel.core.problems import PROBLEMS, Problem
from carrel.core.secret import Secret

PREFIX = "/api/v1"
TIMEOUT = httpx.Timeout(30.0, connect=5.0)
LONG_TIMEOUT = httpx.Timeout(150.0, connect=5.0)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_BY_STATUS = {
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    413: "too_large",
    429: "too_many_requests",
}
_OWN_MEMBERS = frozenset({"type", "kind", "title", "status", "detail", "hint"})
RETRY_SECONDS = (0.2, 0.5, 1.0)
"""Pauses before a request that may be repeated is sent again."""


class Connection:
    """Requests to one server, with its token.

    Every method raises `Problem`: the server's own, or `unavailable` where it does not answer.
    """

    def __init__(self, url: str, token: Secret, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"User-Agent": f"carrel/{__version__}"}
        if token:  # else somebody who is about to get one
            headers["Authorization"] = f"Bearer {token.reveal()}"
        # A proxy of the environment is for the world outside, not for this machine.
        outside = urlsplit(self.url).hostname not in LOOPBACK
        # Reading the certificates takes 20 ms, and without TLS nobody looks at them.
        verify: bool = not self.url.startswith("http://")
        self._http = httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=TIMEOUT, transport=transport, trust_env=outside, verify=verify
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        """The JSON answer to a GET; parameters that are None are left out."""
        return await self._send(self._http.build_request("GET", PREFIX + path, params=_given(params)), repeat=True)

    async def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON answer to a request that changes something; None where the answer is empty.

        With an `Idempotency-Key` it is sent again when the connection breaks.
        """
        request = self._http.build_request(method, PREFIX + path, json=body, headers=headers)
        return await self._send(request, repeat="idempotency-key" in request.headers)

    async def send_patiently(self, method: str, path: str) -> Any:
        """The JSON answer to a request that the server answers only when what it asks for is done."""
        return await self._send(self._http.build_request(method, PREFIX + path, timeout=LONG_TIMEOUT), repeat=False)

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str], **params: Any) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of a stream of server-sent events, as they come."""
        accept = {"Accept": "text/event-stream", **headers}
        request = self._http.build_request("GET", PREFIX + path, params=_given(params), headers=accept)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code != 200:
                    await response.aread()
                    raise self._problem(response)
                yield response.aiter_bytes()
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    @asynccontextmanager
    async def lines(self, path: str, body: Any) -> AsyncIterator[AsyncIterator[Any]]:
        """The JSON documents that a POST answers, one a line, as they come; empty lines are left out."""
        request = self._http.build_request("POST", PREFIX + path, json=body)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.status_code != 200:
                    await response.aread()
                    raise self._problem(response)
                yield (parse_json(line) async for line in response.aiter_lines() if line.strip())
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    async def _send(self, request: httpx.Request, *, repeat: bool) -> Any:
        for pause in (*RETRY_SECONDS, None):
            try:
                response = await self._http.send(request)
            except httpx.ConnectError as error:
                raise self._unreachable(error) from error
            except httpx.HTTPError as error:
                if not repeat or pause is None:
                    raise self._unreachable(error) from error
                await asyncio.sleep(pause)
            else:
                return self._answer(response)
        raise AssertionError  # the last turn returns or raises

    def _answer(self, response: httpx.Response) -> Any:
        if response.status_code == 204:
            return None
        if not response.is_success:
            raise self._problem(response)
        try:
            return response.json()
        except ValueError as error:
            raise self._not_ours(response) from error

    def _problem(self, response: httpx.Response) -> Problem:
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict) or "kind" not in document:
            return self._not_ours(response)
        extra = {name: value for name, value in document.items() if name not in _OWN_MEMBERS}
        kind, detail = str(document["kind"]), str(document.get("detail") or "")
        if kind not in PROBLEMS:  # of a newer server
            title = str(document.get("title") or kind)
            kind = _BY_STATUS.get(response.status_code, "internal")
            detail = f"{title}: {detail}" if detail else title
        return Problem(kind, detail, str(document.get("hint") or ""), extra)

    def _not_ours(self, response: httpx.Response) -> Problem:
        detail = f"{self.url} answered {response.status_code}, but not as a Carrel server does."
        return Problem("unavailable", detail, hint="Check the address; a proxy in between may have answered.")

    def _unreachable(self, error: httpx.HTTPError) -> Problem:
        words = str(error).strip() or type(error).__name__
        return Problem("unavailable", f"The server at {self.url} does not answer: {words}.")


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def parse_json(text: str) -> Any:
    """The JSON document in one message of a stream. Raises `unavailable` where it is none."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise Problem("unavailable", "The stream holds something that is not JSON.") from error
