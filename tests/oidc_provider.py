"""A real OpenID Connect provider (the npm package oidc-provider) as a process, and a browser that signs in there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

FOLDER = Path(__file__).parent / "oidc"
NODE = Path(sys.prefix) / "bin" / "node"
CLIENT_ID, CLIENT_SECRET = "carrel", "a secret of a test"


class RealProvider:
    """The process, told by lines what it is to know."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.issuer = str(self._answer()["issuer"])

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = next((line for line in self._process.stdout if line.startswith("{")), "")  # it also gives advice
        assert line, "the provider ended; is tests/oidc/node_modules there (`make test`)?"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, **change: Any) -> dict[str, Any]:
        """`clients`, `people`, `rotate`; returns when it is done."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(change) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def know(self, url: str, **people: dict[str, Any]) -> None:
        """Carrel at this address as the one client, and these people, by the name with which they sign in."""
        client = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [f"{url}/login/oidc/callback"],
            "post_logout_redirect_uris": [f"{url}/sign-in"],
        }
        self.tell(clients=[client], people=people)


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """Run it."""
    if not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.fail("tests/oidc/node_modules is missing: `make tests/oidc/node_modules/.package-lock.json`")
    command = [str(NODE), "provider.mjs"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield RealProvider(process)
        finally:
            process.terminate()


class Browser:
    """Follows redirects between Carrel and the provider, keeps cookies, fills in the provider's forms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.AsyncClient(trust_env=False, timeout=30)
        self.visited: list[str] = []

    async def open(self, path: str, name: str = "", *, stop_at: str = "") -> httpx.Response:
        """Go there, and on to where it leads; `name` signs in at the provider.

        Args:
            path: on Carrel, or a whole address.
            name: who it is at the provider.
            stop_at: the beginning of an address that is not opened; the answer that leads there is returned.
        """
        address, form = urljoin(self.url, path), None
        for _ in range(30):
            self.visited.append(address)
            answer = await self.client.request("POST" if form else "GET", address, data=form)
            form = None
            if answer.is_redirect:
                address = urljoin(address, answer.headers["location"])
                if stop_at and address.startswith(stop_at):
                    return answer
            elif "/interaction/" in urlsplit(address).path:
                address, form = self._filled(address, answer.text, name)
            else:
                return answer
        raise AssertionError(self.visited)

    def _filled(self, address: str, page: str, name: str) -> tuple[str, dict[str, str]]:
        """The provider's form: name and any password, or consent."""
        action = re.search(r'action="([^"]+)"', page)
        prompt = re.search(r'name="prompt" value="(\w+)"', page)
        assert action, page
        assert prompt, page
        values = {"prompt": prompt[1]}
        if prompt[1] == "login":
            values |= {"login": name, "password": "any"}
        return urljoin(address, action[1]), values

    async def close(self) -> None:
        await self.client.aclose()
