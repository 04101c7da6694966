"""Signing in through a real OpenID Connect provider."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.api.conftest import Running, serving, signed_in
from tests.integration.conftest import add_user
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Browser, RealProvider, real_provider

from carrel.core.access import Actor, Role
from carrel.core.project import Project
from carrel.server.settings import Settings, load_settings
from carrel.server.store import audit, audit_search, identities, projects, tokens, users
from carrel.server.store.audit_search import Search
from carrel.server.store.engine import Store
from carrel.server.store.users import User

ANA = {"preferred_username": "Ana", "name": "Ana Example", "email": "ana@example.org", "email_verified": True}


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    with real_provider() as process:
        yield process


Serve = Callable[..., Awaitable[Running]]


@pytest.fixture
async def serve(store: Store, provider: RealProvider, tmp_path: Path) -> AsyncIterator[Serve]:
    """Runs a server that knows the provider, with further settings; the provider knows it, and the people given."""
    servers: list[Any] = []

    async def start(people: dict[str, dict[str, Any]] | None = None, **more: Any) -> Running:
        def settings(port: int) -> Settings:
            asked = {
                "data_dir": tmp_path / "data",
                "port": port,
                "oidc_issuer": provider.issuer,
                "oidc_client_id": CLIENT_ID,
                "oidc_scopes": ("profile", "email", "groups"),
            }
            return load_settings({"CARREL_OIDC_CLIENT_SECRET": CLIENT_SECRET}, overrides=asked | more)

        context = serving(store, settings)
        servers.append(context)
        running = await context.__aenter__()
        provider.know(running.url, **(people or {"ana": ANA}))
        return running

    yield start
    for context in servers:
        await context.__aexit__(None, None, None)


@pytest.fixture
async def browse() -> AsyncIterator[Callable[[Running], Browser]]:
    """Makes browsers."""
    opened: list[Browser] = []

    def make(running: Running) -> Browser:
        opened.append(Browser(running.url))
        return opened[-1]

    yield make
    for browser in opened:
        await browser.close()


Browse = Callable[[Running], Browser]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the database makes no difference to."""
HOME = "/api/v1/session"


async def user_called(store: Store, name: str) -> User:
    async with store.reading() as session:
        found = await users.by_name(session, name)
    assert found is not None
    return found


async def actions_of(store: Store, **wanted: Any) -> list[str]:
    async with store.reading() as session:
        return [row.action for row in await audit_search.find(session, Search(**wanted), 50)]


async def test_the_first_sign_in_makes_an_account_and_the_next_one_finds_it(
    store: Store, serve: Serve, browse: Browse, provider: RealProvider
) -> None:
    running = await serve()
    answer = await browse(running).open(f"/login/oidc?next={HOME}", "ana")
    assert answer.json()["user"] == "ana"
    made = await user_called(store, "ana")
    assert (made.role, made.full_name, made.email) == (Role.DEVELOPER, "Ana Example", "ana@example.org")
    # The name and the address at the provider are no identity: they change, and it is the same person.
    provider.know(
        running.url, ana={"preferred_username": "other", "email": "other@example.org", "email_verified": True}
    )
    again = await browse(running).open(f"/login/oidc?next={HOME}", "ana")
    assert again.json()["user_id"] == made.id
    assert await actions_of(store, actor="ana") == ["session.begun", "session.begun", "user.added"]


@ON_SQLITE
async def test_somebody_else_with_the_same_name_and_address_is_somebody_else(
    store: Store, serve: Serve, browse: Browse
) -> None:
    await add_user(store, "ana", Role.OWNER)
    imposter = ANA | {"email_verified": False}
    running = await serve({"subject-2": imposter, "subject-3": {"preferred_username": "\u0430na", "name": "guest"}})
    answer = await browse(running).open(f"/login/oidc?next={HOME}", "subject-2")
    assert (answer.json()["user"], answer.json()["role"]) == ("ana-2", "developer")
    assert (await user_called(store, "ana-2")).email == ""  # it is not verified
    # Letters that look like Latin ones are dropped, and nobody is called like a guest.
    answer = await browse(running).open(f"/login/oidc?next={HOME}", "subject-3")
    assert answer.json()["user"] == "na"


async def test_groups_give_roles_and_memberships_and_take_them_away_again(
    store: Store, serve: Serve, browse: Browse, provider: RealProvider
) -> None:
    rules = ("platform=admin", "cn=ml,ou=x=vision/staging:maintainer", "ml=vision:developer", "ml=nowhere:viewer")
    running = await serve({"ana": ANA | {"groups": ["platform", "ml", "cn=ml,ou=x"]}}, oidc_groups=rules)
    async with store.writing() as session:
        await projects.insert_project(session, Project("vision"))
        await projects.insert_project(session, Project("other"))
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    ana = await user_called(store, "ana")

    async def has() -> dict[tuple[str, str], Role]:
        async with store.reading() as session:
            return (await projects.memberships(session, [ana.id])).get(ana.id, {})

    assert ana.role is Role.ADMIN
    assert await has() == {("vision", "staging"): Role.MAINTAINER, ("vision", ""): Role.DEVELOPER}
    async with store.writing() as session:  # what somebody gave by hand is not the groups' to take
        await projects.put_member(session, "other", "", ana.id, Role.VIEWER)
    provider.know(running.url, ana=ANA | {"groups": ["ml"]})
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    assert (await user_called(store, "ana")).role is Role.DEVELOPER
    assert await has() == {("vision", ""): Role.DEVELOPER, ("other", ""): Role.VIEWER}
    found = await actions_of(store, project="vision")
    assert found == ["member.removed", "member.put", "member.put"]


@ON_SQLITE
async def test_an_owner_stays_one_whatever_the_groups_say(store: Store, serve: Serve, browse: Browse) -> None:
    running = await serve(oidc_groups=("platform=admin",))
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    ana = await user_called(store, "ana")
    async with store.writing() as session:
        await users.change(session, User(**vars(ana) | {"role": Role.OWNER}))
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    assert (await user_called(store, "ana")).role is Role.OWNER


@ON_SQLITE
@pytest.mark.parametrize(
    "more",
    [{"oidc_required_groups": ("staff",)}, {"oidc_create_users": False}],
    ids=["not in a required group", "accounts are not made"],
)
async def test_who_may_not_come_in_is_told_so_and_the_audit_has_it(
    store: Store, serve: Serve, browse: Browse, more: dict[str, Any]
) -> None:
    running = await serve(**more)
    browser = browse(running)
    answer = await browser.open("/login/oidc", "ana")
    assert answer.status_code == 403
    assert "Ask an administrator" in answer.text
    assert (await browser.open(HOME)).status_code == 401
    assert await actions_of(store, outcome=audit.Outcome.REFUSED, actor="ana") == ["session.begun"]
    async with store.reading() as session:
        assert await users.by_name(session, "ana") is None


@ON_SQLITE
async def test_a_disabled_user_is_refused(store: Store, serve: Serve, browse: Browse) -> None:
    running = await serve()
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    ana = await user_called(store, "ana")
    async with store.writing() as session:
        await users.change(session, User(**vars(ana) | {"disabled_at": session.now}))
        await tokens.remove_all(session, ana.id)
    answer = await browse(running).open("/login/oidc?next=/healthz", "ana")
    assert answer.status_code == 403
    assert "disabled" in answer.text


@ON_SQLITE
async def test_other_keys_of_the_provider_are_fetched_when_they_sign(
    serve: Serve, browse: Browse, provider: RealProvider
) -> None:
    running = await serve()
    for _ in range(2):
        answer = await browse(running).open(f"/login/oidc?next={HOME}", "ana")
        assert answer.json()["user"] == "ana"
        provider.tell(rotate=True)


@ON_SQLITE
async def test_signing_out_goes_on_to_the_provider(serve: Serve, browse: Browse, provider: RealProvider) -> None:
    running = await serve()
    browser = browse(running)
    await browser.open("/login/oidc?next=/healthz", "ana")
    answer = await browser.open("/logout/oidc", stop_at=f"{provider.issuer}/session/end")
    location = httpx.URL(answer.headers["location"])
    assert dict(location.params) == {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{running.url}/sign-in"}
    page = await browser.client.get(location)
    assert page.status_code == 200  # the provider knows client and address, and asks whether to sign out


async def test_a_code_and_a_state_are_good_once_and_only_in_their_browser(serve: Serve, browse: Browse) -> None:
    running = await serve()
    browser = browse(running)
    led = await browser.open("/login/oidc?next=/healthz", "ana", stop_at=f"{running.url}/login/oidc/callback")
    callback = led.headers["location"]
    kept = {one.name: one.value or "" for one in browser.client.cookies.jar if one.name.startswith("carrel")}
    stranger = await browse(running).open(callback)
    assert stranger.status_code == 403
    assert "not begun in this browser" in stranger.text
    mixed = await browser.open(callback.replace("state=", "state=x"))
    assert mixed.status_code == 403
    assert (await browser.open(callback)).status_code == 200
    assert (await browser.open(callback)).status_code == 403  # the cookie is gone
    async with httpx.AsyncClient(trust_env=False, cookies=kept) as copied:
        assert (await copied.get(callback)).status_code == 403
        assert (await copied.get(f"{running.url}/api/v1/session")).status_code == 401


async def test_the_account_of_who_is_signed_in_is_linked_by_his_own_act_only(
    store: Store, serve: Serve, browse: Browse
) -> None:
    running = await serve(oidc_create_users=False)
    ben = await add_user(store, "ben")
    browser = browse(running)
    await sign_in_by_link(running, ben, browser)
    begun = await browser.client.post(f"{running.url}/api/v1/identities", headers={"Origin": running.url})
    assert begun.status_code == 201, begun.text
    await browser.open(begun.json()["url"], "ana", stop_at=f"{running.url}/settings")
    (mine,) = (await browser.client.get(f"{running.url}/api/v1/identities")).json()["items"]
    assert mine["email"] == "ana@example.org"
    other = browse(running)
    assert (await other.open(f"/login/oidc?next={HOME}", "ana")).json()["user"] == "ben"
    unlinked = await browser.client.delete(
        f"{running.url}/api/v1/identities/{mine['id']}", headers={"Origin": running.url}
    )
    assert unlinked.status_code == 204
    assert (await browse(running).open(f"/login/oidc?next={HOME}", "ana")).status_code == 403
    assert {"identity.linked", "identity.unlinked"} <= set(await actions_of(store, actor="ben"))


@ON_SQLITE
async def test_an_identity_of_one_account_is_not_linked_with_another(
    store: Store, serve: Serve, browse: Browse
) -> None:
    running = await serve()
    await browse(running).open("/login/oidc?next=/healthz", "ana")
    ben = await add_user(store, "ben")
    browser = browse(running)
    await sign_in_by_link(running, ben, browser)
    begun = await browser.client.post(f"{running.url}/api/v1/identities", headers={"Origin": running.url})
    answer = await browser.open(begun.json()["url"], "ana")
    assert answer.status_code == 403
    assert "linked to an account already" in answer.text
    async with store.reading() as session:
        assert await identities.of_user(session, ben.user_id) == []


async def sign_in_by_link(running: Running, actor: Actor, browser: Browser) -> None:
    async with signed_in(running, actor) as client:
        link = (await client.post("/api/v1/login-links")).json()["url"]
    await browser.open(link + "&next=/healthz")


@ON_SQLITE
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/a\tb"])
async def test_one_is_sent_to_own_paths_only(serve: Serve, browse: Browse, target: str) -> None:
    running = await serve()
    browser = browse(running)
    address = str(httpx.URL(f"{running.url}/login/oidc", params={"next": target}))
    answer = await browser.open(address, "ana", stop_at=f"{running.url}/?")
    assert browser.visited[-1].startswith(running.url), answer
    assert httpx.URL(browser.visited[-1]).path == "/"


@ON_SQLITE
async def test_the_sign_in_page_learns_of_the_provider(serve: Serve, running: Running) -> None:
    with_provider = await serve(oidc_name="Example ID")
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{with_provider.url}/api/v1/session/ways")).json()["oidc"] == "Example ID"
        assert (await client.get(f"{running.url}/api/v1/session/ways")).json()["oidc"] is None
        assert (await client.get(f"{running.url}/login/oidc")).headers["location"] == "/sign-in"
