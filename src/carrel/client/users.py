"""People with an account."""

from __future__ import annotations

from datetime import datetime

from carrel.client.connection import Connection, segment
from carrel.client.documents import Document, LoginLink


class User(Document):
    """A person or a program with an account."""

    id: str
    name: str
    role: str
    created_at: datetime
    disabled: bool
    kind: str = "person"
    """`person`, or `service`."""
    full_name: str = ""
    email: str = ""
    has_password: bool | None = None
    seen_at: datetime | None = None


class Invite(Document):
    """A link with which somebody chooses a password, once."""

    url: str
    expires_in_seconds: int


class Users:
    """The resource `/users`. A user is named by name or id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self) -> list[User]:
        """Who has an account."""
        return [User.model_validate(item) for item in (await self._connection.get("/users"))["items"]]

    async def me(self) -> User:
        """One's own account."""
        return User.model_validate(await self._connection.get("/me"))

    async def change_me(self, *, full_name: str | None = None, email: str | None = None) -> User:
        """Change one's own name or address, as commits have them. Raises `bad_value`."""
        return User.model_validate(
            await self._connection.send("PATCH", "/me", {"full_name": full_name, "email": email})
        )

    async def add(self, name: str, role: str, kind: str = "person") -> User:
        """Make an account. Raises `not_allowed`, `bad_name`, `name_taken`."""
        body = {"name": name, "role": role, "kind": kind}
        return User.model_validate(await self._connection.send("POST", "/users", body))

    async def invite(self, user: str, seconds: int | None = None, *, reset: bool = False) -> Invite:
        """A link with which this person chooses a password. Raises `not_found`, `not_allowed`, `wrong_state`."""
        body = {"expires_in_seconds": seconds, "reset": reset}
        return Invite.model_validate(await self._connection.send("POST", f"/users/{segment(user)}/invites", body))

    async def change(self, user: str, *, role: str | None = None, disabled: bool | None = None) -> User:
        """Give another role, disable, enable. Raises `not_found`, `not_allowed`, `wrong_state`."""
        body = {"role": role, "disabled": disabled}
        return User.model_validate(await self._connection.send("PATCH", f"/users/{segment(user)}", body))

    async def login_link(self, user: str, seconds: int | None = None) -> LoginLink:
        """A link that signs a browser in as this user, once. Raises `not_found`, `not_allowed`, `wrong_state`."""
        body = {"expires_in_seconds": seconds}
        return LoginLink.model_validate(
            await self._connection.send("POST", f"/users/{segment(user)}/login-links", body)
        )
