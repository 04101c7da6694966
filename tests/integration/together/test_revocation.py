"""What is taken away loses what is open within 5 seconds: WebSockets of apps through the proxy, SSH through the gateway."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from tests.integration.together.conftest import API, Echo, House
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus


async def ends(socket: ClientConnection) -> None:
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()


@pytest.mark.parametrize(
    "change",
    [
        "share taken away",
        "share to view",
        "share over",
        "session ended",
        "user disabled",
        "role changed",
        "workspace deleted",
    ],
)
async def test_a_person_loses_the_sockets_of_apps(house: House, echo: Echo, change: str) -> None:
    given = await house.share(user="ana", level="edit", expires_in_seconds=3600)
    browser = await house.browser("ana")
    ticket = await house.ticket(browser, echo.port)
    ben, owner = await house.client("ben"), await house.client("owner")
    async with house.socket(echo.port, ticket) as socket:
        match change:
            case "share taken away":
                answer = await ben.delete(f"{API}/blog/shares/{given['id']}")
            case "share to view":
                answer = await ben.post(f"{API}/blog/shares", json={"user": "ana", "level": "view"})
            case "share over":
                house.clock.move(seconds=3601)
                answer = await ben.get("/api/v1/session")
            case "session ended":
                answer = await browser.delete("/api/v1/session")
            case "user disabled":
                answer = await owner.patch("/api/v1/users/ana", json={"disabled": True})
            case "role changed":
                answer = await owner.patch("/api/v1/users/ana", json={"role": "auditor"})
            case _:
                answer = await ben.delete(f"{API}/blog")
        assert answer.is_success, answer.text
        await ends(socket)
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with house.socket(echo.port, ticket):
            pass


@pytest.mark.parametrize("change", ["taken back", "over", "its maker disabled"])
async def test_a_guest_loses_the_sockets_of_a_named_port(house: House, echo: Echo, change: str) -> None:
    link = await house.share(guest=True, ports=[echo.port], expires_in_seconds=600)
    browser = await house.browser("guest", link["url"])
    assert await house.ticket(browser, "code") == ""
    assert await house.ticket(browser, echo.port + 1) == ""
    ticket = await house.ticket(browser, echo.port)
    async with house.socket(echo.port, ticket) as socket:
        match change:
            case "over":
                house.clock.move(seconds=601)
            case "its maker disabled":
                owner = await house.client("owner")
                assert (await owner.patch("/api/v1/users/ben", json={"disabled": True})).is_success
            case _:
                assert (await (await house.client("ben")).delete(f"{API}/blog/shares/{link['id']}")).is_success
        await ends(socket)


@pytest.mark.parametrize("change", ["made private", "to the project", "over", "its maker disabled"])
async def test_anybody_loses_the_sockets_of_a_port_that_is_public_no_more(
    house: House, echo: Echo, change: str
) -> None:
    with pytest.raises(InvalidStatus):
        async with house.socket(echo.port):
            pass
    await house.open_port(echo.port, "public", expires_in_seconds=600)
    async with house.socket(echo.port) as socket:
        match change:
            case "made private":
                await house.open_port(echo.port, "private")
            case "to the project":
                await house.open_port(echo.port, "project")
            case "over":
                house.clock.move(seconds=601)
            case _:
                owner = await house.client("owner")
                assert (await owner.patch("/api/v1/users/ben", json={"disabled": True})).is_success
        await ends(socket)
    with pytest.raises(InvalidStatus):
        async with house.socket(echo.port):
            pass


@pytest.mark.parametrize("change", ["share taken away", "key removed", "user disabled", "workspace deleted"])
async def test_ssh_is_ended(house: House, change: str) -> None:
    given = await house.share(user="ana", level="edit")
    key, key_id = await house.key("ana")
    ben, ana, owner = [await house.client(name) for name in ("ben", "ana", "owner")]
    async with house.ssh("blog--ben", key) as connection:
        assert (await connection.run("echo in")).stdout == "in\n"
        process = await connection.create_process("cat")
        match change:
            case "share taken away":
                answer = await ben.delete(f"{API}/blog/shares/{given['id']}")
            case "key removed":
                answer = await ana.delete(f"/api/v1/ssh-keys/{key_id}")
            case "user disabled":
                answer = await owner.patch("/api/v1/users/ana", json={"disabled": True})
            case _:
                answer = await ben.delete(f"{API}/blog")
        assert answer.is_success, answer.text
        async with asyncio.timeout(5):
            await connection.wait_closed()
        process.close()


async def test_who_comes_in_is_told_and_is_here(house: House, echo: Echo) -> None:
    await house.share(user="other", level="edit")
    browser = await house.browser("other")
    ben = await house.client("ben")
    async with house.socket(echo.port, await house.ticket(browser, echo.port)), asyncio.timeout(10):
        joined = {"person": "other", "how": f"port {echo.port}"}
        while joined not in [one["data"] for one in (await ben.get(f"{API}/blog/events")).json()["items"]]:
            await asyncio.sleep(0.05)
        people = (await ben.get(f"{API}/blog/people")).json()["items"]
        assert ["other", [f"port {echo.port}"]] in [[one["name"], one["ways"]] for one in people]
