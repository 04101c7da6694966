"""The client: one server, and its resources by noun."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import httpx

from carrel.client.audit import Audit
from carrel.client.connection import Connection
from carrel.client.documents import LoginLink, Preferences, Server, Session
from carrel.client.events import Events
from carrel.client.git_credentials import GitCredentials
from carrel.client.image_builds import ImageBuilds
from carrel.client.limits import LimitsResource
from carrel.client.logs import Logs
from carrel.client.policies import Policies
from carrel.client.projects import Projects
from carrel.client.secrets import Secrets
from carrel.client.shares import Shares
from carrel.client.ssh import Ssh
from carrel.client.template_repositories import TemplateRepositories
from carrel.client.templates import Templates
from carrel.client.tokens import Tokens
from carrel.client.users import Users
from carrel.client.workspaces import Workspaces
from carrel.core.secret import Secret


class Client:
    """A server's API. Every call raises `core.problems.Problem`: the server's own, or `unavailable`.

    Args:
        url: `http://host:port`.
        token: a personal token.
        transport: in the place of the network (tests).
    """

    def __init__(self, url: str, token: Secret, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._connection = Connection(url, token, transport)
        self.workspaces = Workspaces(self._connection)
        self.events = Events(self._connection)
        self.audit = Audit(self._connection)
        self.logs = Logs(self._connection)
        self.image_builds = ImageBuilds(self._connection)
        self.git_credentials = GitCredentials(self._connection)
        self.policies = Policies(self._connection)
        self.secrets = Secrets(self._connection)
        self.shares = Shares(self._connection)
        self.users = Users(self._connection)
        self.projects = Projects(self._connection)
        self.templates = Templates(self._connection)
        self.template_repositories = TemplateRepositories(self._connection)
        self.tokens = Tokens(self._connection)
        self.ssh = Ssh(self._connection)
        self.limits = LimitsResource(self._connection)

    async def __aenter__(self) -> Self:
        """The client itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the connections."""
        await self._connection.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return self._connection.url

    async def server(self) -> Server:
        """Version, runtime, and the settings that people may see."""
        return Server.model_validate(await self._connection.get("/server"))

    async def session(self) -> Session:
        """Who the token belongs to. Raises `not_authenticated`."""
        return Session.model_validate(await self._connection.get("/session"))

    async def preferences(self) -> Preferences:
        """What one wants in every workspace."""
        return Preferences.model_validate(await self._connection.get("/preferences"))

    async def set_preferences(self, wanted: Preferences) -> Preferences:
        """Store them in the place of the earlier ones. Raises `bad_source`, `bad_value`."""
        answer = await self._connection.send("PUT", "/preferences", wanted.model_dump(mode="json"))
        return Preferences.model_validate(answer)

    async def end_session(self) -> None:
        """Revoke the token that is used for this."""
        await self._connection.send("DELETE", "/session")

    async def login_link(self) -> LoginLink:
        """A link that signs a browser in, once, within a few minutes."""
        return LoginLink.model_validate(await self._connection.send("POST", "/login-links"))
