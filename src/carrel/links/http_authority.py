"""The control plane over HTTP, as proxies and gateways know it that are processes of their own."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

import asyncssh
import httpx

from carrel.core.agent import SignalKind
from carrel.core.problems import PROBLEMS, Problem
from carrel.core.records import dump, load
from carrel.core.secret import Secret
from carrel.links.access import AppAddress, Held, Identity, IssuedTicket, NotRunning, Place, Revocation
from carrel.links.authority import KEY_ALGORITHM, Credential, KeyPair, public_line
from carrel.links.components import OPERATIONS, PATH, REVOCATIONS, SIGN_OF_LIFE_SECONDS, Names
from carrel.links.target import Target
from carrel.links.visits import Visit

CALL_SECONDS: Final = 10.0
APP_SECONDS: Final = 100.0
"""An app may have to be started first."""
RETRY_SECONDS: Final = 2
"""What clients are told to wait while the server does not answer."""
MOST_AT_ONCE: Final = 1000
"""Of open connections that one question is about."""


class HttpAuthority:
    """Asks the server for everything, and keeps nothing."""

    def __init__(self, server_url: str, token: Secret) -> None:
        """Ask the server at this address, with the installation's component token."""
        is_https = server_url.startswith("https:")
        self._http = httpx.AsyncClient(
            base_url=server_url.rstrip("/") + PATH,
            headers={"Authorization": f"Bearer {token.reveal()}"},
            timeout=CALL_SECONDS,
            verify=ssl.create_default_context() if is_https else False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    # --- what both ask -----------------------------------------------------------------------------------------------

    async def names(self) -> Names:
        """Under which names the installation is known."""
        found: Names = await self._ask("names")
        return found

    async def target(self, workspace: str) -> Target | NotRunning:
        """Where the workspace's agent is, or why there is none."""
        found: Target | NotRunning = await self._ask("target", workspace)
        return found

    async def credential(self, target: Target) -> Credential:
        """A key that is made here, and the server's certificate for it."""
        key = asyncssh.generate_private_key(KEY_ALGORITHM)
        line: str = await self._ask("certificate", target, public_line(key))
        return Credential(key, asyncssh.import_certificate(line))

    async def start(self, workspace: str, identity: Identity) -> None:
        """Ask for the goal `run`."""
        await self._ask("start", workspace, identity)

    async def present(self, identity: Identity, how: str) -> None:
        """A person is connected to the workspace."""
        await self._ask("present", identity, how)

    async def revocations(self) -> AsyncIterator[Revocation]:
        """What is revoked from now on. Raises `unavailable` when it cannot be heard any longer."""
        patience = httpx.Timeout(CALL_SECONDS, read=3 * SIGN_OF_LIFE_SECONDS)
        try:
            async with self._http.stream("GET", f"/{REVOCATIONS}", timeout=patience) as answer:
                if answer.status_code != httpx.codes.OK:
                    await answer.aread()
                    raise _problem(answer)
                async for line in answer.aiter_lines():
                    if line:
                        yield load(Revocation, json.loads(line))
        except (httpx.HTTPError, ValueError) as error:
            raise _unavailable() from error
        raise _unavailable()

    # --- what the proxy asks -----------------------------------------------------------------------------------------

    async def resolve(self, label: str) -> Place | None:
        """Which app a host label means."""
        found: Place | None = await self._ask("resolve", label)
        return found

    async def authorise(self, ticket: str, host: str) -> Identity | None:
        """Who holds this ticket for this host."""
        found: Identity | None = await self._ask("authorise", ticket, host)
        return found

    async def still_held(self, held: Sequence[Held]) -> list[bool]:
        """For each, whether it would still let the same person in."""
        answers: list[bool] = []
        for at in range(0, len(held), MOST_AT_ONCE):
            answers += await self._ask("still_held", held[at : at + MOST_AT_ONCE])
        return answers

    async def redeem(self, code: str, host: str) -> IssuedTicket | None:
        """Exchange a one-time code for a ticket."""
        found: IssuedTicket | None = await self._ask("redeem", code, host)
        return found

    async def start_app(self, workspace: str, app: str) -> AppAddress:
        """Have the agent start an app if it does not run."""
        found: AppAddress = await self._ask("start_app", workspace, app, seconds=APP_SECONDS)
        return found

    async def activity(self, workspace: str, kind: SignalKind, detail: str) -> None:
        """Evidence of activity that only the proxy or gateway can see."""
        await self._ask("activity", workspace, kind, detail)

    async def first_byte(self, workspace: str, app: str, asked: datetime, answered: datetime) -> None:
        """The first answer of an app in this start."""
        await self._ask("first_byte", workspace, app, asked, answered)

    # --- what the gateway asks ---------------------------------------------------------------------------------------

    async def visit(self, login: str, key: str) -> Visit | None:
        """Who shows this key or certificate, and where the login name leads him."""
        found: Visit | None = await self._ask("visit", login, key)
        return found

    async def came_in(self, visit: Visit, address: str) -> None:
        """This person has proved that the key is his."""
        await self._ask("came_in", visit, address)

    async def still_let_in(self, visits: Sequence[Visit]) -> list[bool]:
        """For each, whether it would still lead the same person to the same place."""
        answers: list[bool] = []
        for at in range(0, len(visits), MOST_AT_ONCE):
            answers += await self._ask("still_let_in", visits[at : at + MOST_AT_ONCE])
        return answers

    async def doorway(self, visit: Visit, name: str) -> Visit | None:
        """Where a jump leads."""
        found: Visit | None = await self._ask("doorway", visit, name)
        return found

    async def gateway_host_key(self) -> KeyPair:
        """The host key that every gateway of the installation shows."""
        found: KeyPair = await self._ask("gateway_host_key")
        return found

    # --- asking ------------------------------------------------------------------------------------------------------

    async def _ask(self, name: str, *arguments: Any, seconds: float = CALL_SECONDS) -> Any:
        try:
            body = {"arguments": [dump(argument) for argument in arguments]}
            answer = await self._http.post(f"/{name}", json=body, timeout=seconds)
            if answer.status_code == httpx.codes.OK:
                return load(OPERATIONS[name].result, answer.json()["result"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise _unavailable() from error
        raise _problem(answer)


def _unavailable() -> Problem:
    detail = "The server does not answer. What is open stays open."
    return Problem("unavailable", detail, "Try again in a moment.", {"retry_after": RETRY_SECONDS})


def _problem(answer: httpx.Response) -> Problem:
    """The server's problem; a server that refuses the process itself is one that cannot be used."""
    try:
        document = answer.json()
        kind, detail, hint = (str(document.get(name) or "") for name in ("kind", "detail", "hint"))
    except (ValueError, AttributeError):
        return _unavailable()
    if kind == "unavailable" or kind not in PROBLEMS:
        return _unavailable()
    return Problem(kind, detail, hint)
