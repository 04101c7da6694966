"""Proxy, gateway and API over one store and a real agent: what people meet, without an engine."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncssh
import httpx
import pytest
from tests.integration.api.conftest import token_of
from tests.integration.conftest import Clock, add_user, add_workspace
from tests.integration.proxy.conftest import PATIENCE, AgentProcess, agent_process, apps
from tests.integration.proxy.test_websockets import Echo, echo
from websockets.asyncio.client import ClientConnection, connect

from carrel.core.access import Actor, Role
from carrel.core.agent import AgentPlan
from carrel.core.secret import Secret
from carrel.core.workspace import ListedApp, Phase, Workspace
from carrel.gateway.server import GatewayServer, GatewaySettings
from carrel.links.link import Link
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.proxy.server import ProxyServer, ProxySettings
from carrel.server.actions.installation import HostKeys, ensure_installation
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.api.app import create_app
from carrel.server.api.parts import Parts
from carrel.server.live.components import ServerComponents
from carrel.server.live.presence import Presence
from carrel.server.live.targets import Targets
from carrel.server.live.workspaces import LinkedWorkspaces
from carrel.server.settings import load_settings
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing

__all__ = ["Echo", "agent_process", "apps", "echo"]
API = "/api/v1/workspaces"


@dataclass
class OneTarget:
    """Every workspace is the one agent there is."""

    links: LinkPool
    goal: Target
    host_keys: HostKeys

    async def target(self, workspace: Workspace) -> Target:
        return self.goal

    async def link(self, workspace: Workspace) -> Link:
        return await self.links.link(self.goal)


@dataclass
class House:
    """A server with a workspace of ben's that runs."""

    store: Store
    clock: Clock
    authority: ServerComponents
    proxy: ProxyServer
    gateway: GatewayServer
    people: dict[str, Actor]
    workspace: Workspace
    links: LinkPool
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy.port}"

    async def client(self, who: str) -> httpx.AsyncClient:
        """With a personal token."""
        if who not in self.clients:
            token = await token_of(self.store, self.people[who])
            headers = {"Authorization": f"Bearer {token.reveal()}"}
            self.clients[who] = httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False)
        return self.clients[who]

    async def share(self, **body: Any) -> dict[str, Any]:
        """By ben."""
        answer = await (await self.client("ben")).post(f"{API}/blog/shares", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def open_port(self, port: int | str, visibility: str, **more: Any) -> None:
        """By ben."""
        kind = "ports" if str(port).isdigit() else "apps"
        body = {"visibility": visibility, **more}
        answer = await (await self.client("ben")).put(f"{API}/blog/{kind}/{port}", json=body)
        assert answer.status_code == 200, answer.text

    async def browser(self, who: str, guest_link: str = "", **token: Any) -> httpx.AsyncClient:
        """Signed in with a session, of a person (by a token of his) or by a guest link."""
        shown = guest_link.partition("#")[2] or (await token_of(self.store, self.people[who], **token)).reveal()
        client = httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url}, trust_env=False)
        self.clients[f"browser {who} {len(self.clients)}"] = client
        answer = await client.post("/api/v1/session", json={"token": shown})
        assert answer.status_code == 201, answer.text
        return client

    def host(self, app: int | str) -> str:
        return f"{app}--blog--ben.localhost:{self.proxy.port}"

    async def ticket(self, browser: httpx.AsyncClient, app: int | str) -> str:
        """The cookie for an app's host; empty where he may not open it."""
        answer = await browser.get("/app-login", params={"host": self.host(app)})
        if answer.status_code == 404:
            return ""
        assert answer.status_code == 303, answer.text
        path = re.sub(r"^http://[^/]+", "", answer.headers["location"])
        async with httpx.AsyncClient(trust_env=False) as fresh:  # a connection is for one host
            taken = await fresh.get(self.url + path, headers={"Host": self.host(app)})
        assert "set-cookie" in taken.headers, (answer.headers, taken.text)
        return taken.headers["set-cookie"].partition(";")[0]

    @asynccontextmanager
    async def socket(self, app: int, ticket: str = "") -> AsyncIterator[ClientConnection]:
        """A WebSocket of an app, through the proxy."""
        host = self.host(app)
        async with connect(
            f"ws://{host}/socket",
            host="127.0.0.1",
            port=self.proxy.port,
            origin=f"http://{host}",  # type: ignore[arg-type]
            additional_headers={"Cookie": ticket} if ticket else {},
        ) as socket:
            await socket.send("hello")
            assert await socket.recv() == "hello"
            yield socket

    async def key(self, who: str) -> tuple[asyncssh.SSHKey, str]:
        """A fresh SSH key of a person's, and its id."""
        key = asyncssh.generate_private_key("ssh-ed25519")
        body = {"public_key": key.export_public_key().decode().strip(), "title": "test"}
        answer = await (await self.client(who)).post("/api/v1/ssh-keys", json=body)
        assert answer.status_code == 201, answer.text
        return key, answer.json()["id"]

    def ssh(self, login: str, key: asyncssh.SSHKey) -> Any:
        """Connect through the gateway."""
        return asyncssh.connect(
            "127.0.0.1", self.gateway.port, username=login, client_keys=[key], known_hosts=None, config=None
        )


@pytest.fixture
async def house(
    agent_process: AgentProcess, sqlite_url: Secret, keys: KeyRing, clock: Clock, tmp_path: Path
) -> AsyncIterator[House]:
    store = await Store.open(sqlite_url, keys, clock)
    await ensure_installation(store)
    links = LinkPool(agent_process.authority)
    link = await links.link(agent_process.target)
    await link.control.begin(f"begin-{tmp_path}", AgentPlan(user_env_probe="none", workspace_folder=str(tmp_path)))
    targets = cast("Targets", OneTarget(links, agent_process.target, HostKeys(store)))
    settings = load_settings({}, overrides={"data_dir": tmp_path / "data", "port": 7070})
    owner = await ensure_local_owner(store, settings.token_path)
    people = {"owner": Actor(owner.id, owner.name, owner.role)}
    for name, role in {"ben": Role.DEVELOPER, "ana": Role.DEVELOPER, "other": Role.DEVELOPER}.items():
        people[name] = await add_user(store, name, role)
    people |= {"admin": await add_user(store, "admin", Role.ADMIN), "eye": await add_user(store, "eye", Role.AUDITOR)}
    listed = (ListedApp("code"), ListedApp("docs", share="public"))
    workspace = await add_workspace(store, people["ben"], name="blog", phase=Phase.RUNNING, apps=listed)
    authority = ServerComponents(store, settings, targets, agent_process.authority)
    live = LinkedWorkspaces(targets, Presence(store, targets))

    async def look(_: Workspace) -> Any:
        raise NotImplementedError

    app = create_app(Parts(store, settings, live, look))
    proxy = ProxyServer(
        ProxySettings("127.0.0.1", 0, "http://localhost:7070", "localhost", patience=PATIENCE), authority, links, app
    )
    gateway = GatewayServer(GatewaySettings("127.0.0.1", 0, ask_again_seconds=0.5), authority, links)
    await proxy.start()
    await gateway.start()
    made = House(store, clock, authority, proxy, gateway, people, workspace, links)
    yield made
    for client in made.clients.values():
        await client.aclose()
    app.state.parts.stopping.set()
    store.wakeups.ring_all()
    await gateway.close(grace_seconds=0.1)
    await proxy.close(grace_seconds=1)
    await links.close()
    await store.close()
