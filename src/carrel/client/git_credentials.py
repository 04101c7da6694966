"""Git credentials: store, list, remove. A token goes in and never comes out."""

from __future__ import annotations

from carrel.client.connection import Connection, segment
from carrel.client.documents import GitCredential, GitLogin, GitLoginState
from carrel.core.secret import Secret


class GitCredentials:
    """The resource `/git-credentials`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, host: str, token: Secret, username: str = "") -> GitCredential:
        """Store the credential of a host (`github.com`, `git.example.org:8443`), in the place of an earlier one."""
        body = {"token": token.reveal(), "username": username}
        return GitCredential.model_validate(await self._connection.send("PUT", _path(host), body))

    async def list(self) -> list[GitCredential]:
        """Hosts that there is a credential for."""
        answer = await self._connection.get("/git-credentials")
        return [GitCredential.model_validate(item) for item in answer["items"]]

    async def delete(self, host: str) -> None:
        """Remove the credential of a host. Raises `not_found`."""
        await self._connection.send("DELETE", _path(host))

    async def begin_login(self, host: str) -> GitLogin:
        """Begin a login by OAuth's device flow. Raises `not_found` where the installation is no client of the host."""
        return GitLogin.model_validate(await self._connection.send("POST", f"{_path(host)}/login"))

    async def login_state(self, host: str) -> GitLoginState:
        """How far the login is. Raises `not_allowed` where it was denied or has expired."""
        return GitLoginState.model_validate(await self._connection.get(f"{_path(host)}/login"))

    async def signing_key(self) -> str:
        """The public half of one's signing key; empty where there is none."""
        return str((await self._connection.get("/signing-key"))["public_key"])

    async def make_signing_key(self, *, anew: bool = False) -> str:
        """Have a signing key; `anew`: another one. Its public half."""
        return str((await self._connection.send("PUT", "/signing-key", {"anew": anew}))["public_key"])


def _path(host: str) -> str:
    return f"/git-credentials/{segment(host)}"
