"""What the server tells the proxy of ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.workspace import Phase, Remembered
from carrel.links.access import AppAddress
from carrel.server.live.authority import ServerAuthority
from carrel.server.settings import Settings
from carrel.server.store import environments
from carrel.server.store.engine import Store
from carrel.server.store.environments import StoredEnvironment

if TYPE_CHECKING:
    from carrel.server.live.targets import Targets


async def test_ports_that_the_configuration_calls_https_speak_tls(store: Store, ben: Actor) -> None:
    made = await add_workspace(store, ben, phase=Phase.RUNNING, remembered=Remembered(resolved=1))
    authority = ServerAuthority(store, Settings(), cast("Targets", None))
    assert await authority.start_app(made.id, "8443") == AppAddress(8443)
    secure = {"protocol": "https"}
    plan = {"agent": {"ports": {"8443": secure, "9000-9010": secure, "8080": {"protocol": "http"}}}}
    async with store.writing() as session:
        await environments.put(session, StoredEnvironment(made.id, 1, "d", plan))
    found = [(await authority.start_app(made.id, port)).tls for port in ("8443", "9005", "8080", "3000")]
    assert found == [True, True, False, False]
