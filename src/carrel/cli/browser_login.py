"""How `carrel login URL` gets its token: a browser that is signed in allows it, and brings a code back or shows it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from carrel.cli.calling import client_of
from carrel.cli.loopback import way_back
from carrel.cli.output import clean, note
from carrel.cli.server_address import ServerAddress
from carrel.core.code_exchange import challenge_of, check_of
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from carrel.client.tokens import Token

WAIT_SECONDS: Final = 300.0
"""As long as a code works."""


@dataclass(frozen=True)
class Attempt:
    """One try to sign in."""

    address: str
    verifier: Secret = field(default_factory=lambda: Secret(secrets.token_urlsafe(48)))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def page(self, port: int = 0) -> str:
        """Where the browser is to go; without a port it shows a code to paste."""
        wanted = {"challenge": challenge_of(self.verifier), "state": self.state, "title": this_machine()}
        return f"{self.address}/cli-login?{urlencode(wanted | ({'port': port} if port else {}))}"

    @property
    def check(self) -> str:
        """What the page shows, too."""
        return check_of(challenge_of(self.verifier))

    async def exchange(self, code: str) -> tuple[Secret, Token]:
        """The token for the code. Raises `not_authenticated`, `unavailable`."""
        async with client_of(ServerAddress(self.address, "", local=False)) as client:
            return await client.tokens.exchange(Secret(code), self.verifier)


def this_machine() -> str:
    """What the token is called."""
    return clean(socket.gethostname())[:80] or "a machine without a name"


async def token_by_browser(address: str, show: Callable[[str], bool]) -> tuple[Secret, Token]:
    """A token, by a browser on this machine.

    Args:
        address: the server's.
        show: opens the page; whether it could.

    Raises:
        Problem: `not_authenticated`, also where nobody allowed it in time; `unavailable`.
    """
    attempt = Attempt(address)
    async with way_back(attempt.state) as way:
        page = attempt.page(way.port)
        note(f"Its page shows this, too: {attempt.check}")
        if not await asyncio.to_thread(show, page):
            note(f"No browser could be opened. Open this on this machine: {page}")
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                code = await way.code()
        except TimeoutError:
            raise Problem("not_authenticated", "Nobody allowed it in time.", "`carrel login URL` again.") from None
        if not code:
            raise Problem("not_authenticated", "It was refused in the browser.", "`carrel login URL` again.")
        return await attempt.exchange(code)


async def token_by_paste(address: str, ask: Callable[[str], Secret]) -> tuple[Secret, Token]:
    """A token, by a browser anywhere: the page shows a code, which `ask` gets. Raises as `token_by_browser`, `bad_value`."""
    attempt = Attempt(address)
    note(f"Open this page, which shows {attempt.check} and then a code to paste here:\n{attempt.page()}")
    code = await asyncio.to_thread(ask, "Code")
    return await attempt.exchange(code.reveal())
