"""Tokens of programs, and browser sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document
from carrel.core.secret import Secret


class Token(Document):
    """What is known of a token; not the token."""

    id: str
    kind: str
    title: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class BrowserSession(Document):
    """Where one is signed in with a browser."""

    id: str
    address: str
    agent: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    current: bool


class Tokens:
    """The resources `/tokens`, `/users/USER/tokens` and `/sessions`; an empty user is oneself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def create(
        self, title: str, scopes: Sequence[str] = (), life_seconds: int | None = None, user: str = ""
    ) -> tuple[Secret, Token]:
        """Make a token; a user is a service account. Raises `bad_value`, `not_allowed`, `wrong_state`."""
        body = {"title": title, "scopes": sorted(scopes), "life_seconds": life_seconds}
        answer = await self._connection.send("POST", _place(user), body)
        return Secret(answer.pop("token")), Token.model_validate(answer)

    async def exchange(self, code: Secret, verifier: Secret) -> tuple[Secret, Token]:
        """The token for a code that somebody allowed in a browser. Raises `not_authenticated`."""
        body = {"code": code.reveal(), "verifier": verifier.reveal()}
        answer = await self._connection.send("POST", "/tokens/exchange", body)
        return Secret(answer.pop("token")), Token.model_validate(answer)

    async def revoke(self, token_id: str, user: str = "") -> None:
        """Revoke a token, end a session. Raises `not_found`."""
        await self._connection.send("DELETE", f"{_place(user)}/{segment(token_id)}")

    async def sessions(self) -> list[BrowserSession]:
        """Where one is signed in."""
        return [BrowserSession.model_validate(item) for item in (await self._connection.get("/sessions"))["items"]]

    async def end_session(self, session_id: str) -> None:
        """End one of one's sessions. Raises `not_found`."""
        await self._connection.send("DELETE", f"/sessions/{segment(session_id)}")

    async def end_sessions(self) -> int:
        """End all of one's sessions; how many."""
        return int((await self._connection.send("DELETE", "/sessions"))["ended"])

    async def list(self, user: str = "") -> list[Token]:
        """Tokens and browser sessions. Raises `not_found`, `not_allowed`."""
        return [Token.model_validate(item) for item in (await self._connection.get(_place(user)))["items"]]


def _place(user: str) -> str:
    return f"/users/{segment(user)}/tokens" if user else "/tokens"
