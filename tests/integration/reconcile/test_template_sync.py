"""The catalog as its git repositories have it, on SQLite and PostgreSQL; the runtime is the fake one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.integration.conftest import Clock, add_user
from tests.integration.reconcile.world import NoCredentials, World

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.workspace import Workspace
from carrel.runtimes.fake.engine import Call, FakeRepository, Moment
from carrel.runtimes.fake.runtime import FakeRuntime
from carrel.server.actions import template_repositories as actions
from carrel.server.actions import templates as catalog
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.reconcile.inspection import Inspections
from carrel.server.reconcile.template_sync import LEASE, TemplateSync
from carrel.server.settings import Settings
from carrel.server.store import audit_search, projects, users
from carrel.server.store import template_repositories as rows
from carrel.server.store import templates as entries
from carrel.server.store.audit_search import Search
from carrel.server.store.engine import Store
from carrel.server.store.template_repositories import Place, TemplateRepository
from carrel.server.store.templates import CatalogTemplate

URL = "https://git.example/platform/templates.git"
OTHER = "https://git.example/platform/more.git"
SETTINGS = Settings(template_sync_seconds=600)


def template(name: str, text: str = "", **parameter: Any) -> bytes:
    """A template.yaml; with `type` one with a parameter."""
    said = f"name: {name}\ntitle: {text or name}\n"
    if parameter:
        said += f"parameters:\n  - name: size\n    type: {parameter['type']}\n    default: {parameter['default']}\n"
        return (said + "workspace:\n  env: {SIZE: 'x${parameters.size}'}\n").encode()
    return said.encode()


class Token(NoCredentials):
    """An owner with a git token."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    async def git(self, workspace: Workspace, url: str) -> tuple[str, Secret] | None:
        self.asked.append((workspace.owner, url))
        return "git", Secret("s3cret")


@dataclass
class Catalog:
    """One server that reads repositories, and the repositories."""

    world: World
    sync: TemplateSync
    admin: Actor
    runtime: FakeRuntime

    @property
    def store(self) -> Store:
        return self.world.store

    def put(self, files: Mapping[str, bytes | str], url: str = URL, commit: str = "a", **more: Any) -> None:
        """Let the repository hold these files."""
        content = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
        refs = {"HEAD": "refs/heads/main", "refs/heads/main": commit * 40}
        with self.world.engine.by_hand() as state:
            state.repositories[url] = FakeRepository(refs, {commit * 40: content}, **more)

    def lose(self, url: str = URL) -> None:
        with self.world.engine.by_hand() as state:
            del state.repositories[url]

    async def add(self, place: Place | None = None, actor: Actor | None = None) -> TemplateRepository:
        async with self.store.writing() as session:
            return await actions.add_repository(actor or self.admin, session, SETTINGS, place or Place("", URL))

    async def read(self) -> TemplateRepository:
        """Have the only repository read now; it, as it is then."""
        async with self.store.writing() as session:
            (one,) = await rows.all_repositories(session)
            await rows.wake(session, one.id)
        assert await self.sync.sync_one()
        async with self.store.reading() as session:
            (one,) = await rows.all_repositories(session)
        return one

    async def entry(self, name: str, project: str = "") -> CatalogTemplate:
        async with self.store.reading() as session:
            found = await entries.find(session, project, name)
        assert found is not None
        return found

    async def audited(self) -> list[str]:
        """All that was done to templates and repositories, the newest first."""
        async with self.store.reading() as session:
            found = await audit_search.find(session, Search(), 100)
        return [row.action for row in found if row.action.startswith("template")]


def states(repository: TemplateRepository) -> list[tuple[str, str, int | None, str]]:
    return [(one.folder, one.name, one.version, one.state) for one in repository.report]


@pytest.fixture
async def there(world: World) -> Catalog:
    runtime = FakeRuntime(world.engine, _hook(world))
    environments = Environments(world.store, world.credentials, Making(DefaultImage("default:1")))
    sync = TemplateSync(world.store, SETTINGS, Inspections(environments, runtime))
    return Catalog(world, sync, await add_user(world.store, "root", Role.ADMIN), runtime)


def _hook(world: World) -> Any:
    async def call(one: Call) -> None:
        if world.on_call is not None:
            await world.on_call(one)

    return call


async def test_every_folder_with_a_template_is_in_the_catalog_and_a_change_is_a_version(there: Catalog) -> None:
    there.put({
        "README.md": "not a template",
        "python/template.yaml": template("python"),
        "python/.devcontainer/devcontainer.json": '{"image": "debian:12"}',
        "python/examples/template.yaml": "what lies below a template belongs to it",
        "deep/er/still/template.yaml": template("deep"),
        "too/deep/for/us/template.yaml": template("unseen"),
    })  # fmt: skip
    await there.add()
    first = await there.read()
    assert states(first) == [("deep/er/still", "deep", 1, "new"), ("python", "python", 1, "new")]
    assert (first.commit, first.problem) == ("a" * 40, "")
    python = await there.entry("python")
    assert (python.repository_id, python.folder, python.newest) == (first.id, "python", 1)
    async with there.store.reading() as session:
        files = await entries.files(session, python.id, 1)
        version = await entries.version(session, python.id, 1)
    assert sorted(files or ()) == [".devcontainer/devcontainer.json", "examples/template.yaml", "template.yaml"]
    assert version is not None
    assert (version.commit, version.created_by) == ("a" * 40, "root")
    assert (await there.audited())[0] == "template_repository.synced"

    before = await there.audited()
    assert states(await there.read()) == [("deep/er/still", "deep", 1, "same"), ("python", "python", 1, "same")]
    assert await there.audited() == before

    there.put(
        {"python/template.yaml": template("python", "Python 3"), "deep/template.yaml": template("deep")}, commit="b"
    )
    assert states(await there.read()) == [("deep", "deep", 1, "same"), ("python", "python", 2, "updated")]
    assert (await there.entry("deep")).folder == "deep"
    assert (await there.entry("python")).newest == 2
    assert await there.runtime.observe_all() == {}


async def test_a_repository_that_disappears_is_told_and_its_templates_stay(there: Catalog) -> None:
    there.put({"template.yaml": template("python")})
    await there.add()
    good = await there.read()
    there.lose()
    gone = await there.read()
    assert "Nothing answers" in gone.problem
    assert (gone.report, gone.commit) == (good.report, good.commit)
    assert (await there.entry("python")).withdrawn_at is None
    there.put({"template.yaml": template("python")})
    assert (await there.read()).problem == ""


async def test_a_bad_template_is_told_with_its_line_and_stops_no_other(there: Catalog) -> None:
    there.put({"bad/template.yaml": template("bad"), "good/template.yaml": template("good")})
    await there.add()
    await there.read()
    there.put(
        {
            "bad/template.yaml": "name: bad\nworkspace:\n  cpus: 2\n",
            "good/template.yaml": template("good", "Better"),
            "large/template.yaml": template("large"),
            "large/data": "x" * (1 << 20),
        },
        commit="b",
    )
    found = await there.read()
    assert states(found) == [
        ("bad", "bad", 1, "refused"),
        ("good", "good", 2, "updated"),
        ("large", "", None, "refused"),
    ]
    assert found.report[0].problem == "bad/template.yaml, line 3, column 3: there is no key 'cpus'"
    assert "1 MiB" in found.report[2].problem
    bad = await there.entry("bad")
    assert (bad.newest, bad.withdrawn_at, bad.problem) == (1, None, found.report[0].problem)
    there.put({"bad/template.yaml": template("bad"), "good/template.yaml": template("good", "Better")}, commit="c")
    await there.read()
    assert (await there.entry("bad")).problem == ""


async def test_a_parameter_may_change_its_type_which_is_a_new_version(there: Catalog) -> None:
    there.put({"template.yaml": template("python", type="string", default="small")})
    await there.add()
    await there.read()
    there.put({"template.yaml": template("python", type="number", default=2)}, commit="b")
    assert states(await there.read()) == [("", "python", 2, "updated")]


async def test_a_folder_that_is_gone_withdraws_its_template_and_brings_it_back(there: Catalog) -> None:
    both = {"a/template.yaml": template("a"), "b/template.yaml": template("b")}
    there.put(both)
    await there.add()
    await there.read()
    there.put({"a/template.yaml": template("a")}, commit="b")
    assert states(await there.read()) == [("a", "a", 1, "same"), ("b", "b", 1, "withdrawn")]
    assert (await there.entry("b")).withdrawn_at is not None
    assert (await there.audited())[:2] == ["template_repository.synced", "template.withdrawn"]
    assert states(await there.read()) == [("a", "a", 1, "same")]
    there.put(both, commit="c")
    await there.read()
    assert (await there.entry("b")).withdrawn_at is None
    there.put({"a/template.yaml": template("renamed")}, commit="d")
    assert states(await there.read()) == [
        ("a", "renamed", 1, "new"),
        ("a", "a", 1, "withdrawn"),
        ("b", "b", 1, "withdrawn"),
    ]
    there.put({"README.md": "nothing"}, commit="e")
    empty = await there.read()
    assert "no template.yaml" in empty.problem
    assert (await there.entry("renamed")).withdrawn_at is not None


async def test_a_name_belongs_to_who_had_it_first(there: Catalog) -> None:
    async with there.store.writing() as session:
        await catalog.push(there.admin, session, SETTINGS, "", "pushed", {"template.yaml": template("pushed")})
    there.put({"1/template.yaml": template("twice"), "2/template.yaml": template("twice")})
    await there.add()
    await there.read()
    there.put(
        {"1/template.yaml": template("pushed", "Taken over"), "2/template.yaml": template("twice", "Taken over")}, OTHER
    )
    await there.add(Place("", OTHER))
    assert await there.sync.sync_one()
    async with there.store.reading() as session:
        more, mine = await rows.all_repositories(session)
    assert states(mine) == [("1", "twice", 1, "new"), ("2", "", None, "refused")]
    assert "in 1 of the repository" in mine.report[1].problem
    assert [one.state for one in more.report] == ["refused", "refused"]
    assert "was pushed" in more.report[0].problem
    assert "another repository" in more.report[1].problem
    assert (await there.entry("pushed")).newest == 1


async def test_it_is_read_with_the_credentials_and_the_rights_of_who_added_it(there: Catalog) -> None:
    maintainer = replace(await add_user(there.store, "mia"), projects={("web", ""): Role.MAINTAINER})
    async with there.store.writing() as session:
        await projects.ensure(session, "web")
        await projects.put_member(session, "web", "", maintainer.user_id, Role.MAINTAINER)
    token = Token()
    there.sync.inspections.environments.credentials = token
    grants = template("plain") + b"grants: [privileged]\n"
    there.put({"1/template.yaml": template("python"), "2/template.yaml": grants}, token="s3cret")
    await there.add(Place("web", URL), maintainer)
    found = await there.read()
    assert token.asked == [("mia", URL)]
    assert states(found) == [("1", "python", 1, "new"), ("2", "", None, "refused")]
    assert "privileged" in found.report[1].problem
    async with there.store.writing() as session:
        await projects.remove_member(session, "web", "", maintainer.user_id)
    found = await there.read()
    assert "mia" in found.problem
    async with there.store.writing() as session:
        user = await users.get(session, maintainer.user_id)
        assert user is not None
        await users.change(session, replace(user, disabled_at=session.now))
    assert "closed" in (await there.read()).problem
    assert token.asked == [("mia", URL)]
    assert (await there.entry("python", "web")).withdrawn_at is None


async def test_a_repository_is_read_again_when_its_time_has_come(there: Catalog, clock: Clock) -> None:
    there.put({"template.yaml": template("python")})
    await there.add()
    assert [await there.sync.sync_one(), await there.sync.sync_one()] == [True, False]
    clock.move(seconds=599)
    assert not await there.sync.sync_one()
    clock.move(seconds=1)
    assert [await there.sync.sync_one(), await there.sync.sync_one()] == [True, False]
    there.sync.settings = Settings(template_sync_seconds=0)
    await there.read()
    clock.move(days=30)
    assert not await there.sync.sync_one()


async def test_one_of_two_servers_reads_it_and_takes_over_from_one_that_died(there: Catalog, clock: Clock) -> None:
    there.put({"template.yaml": template("python")})
    await there.add()
    other = replace(there.sync)
    assert sorted(await asyncio.gather(there.sync.sync_one(), other.sync_one())) == [False, True]
    assert (await there.entry("python")).newest == 1

    async def die(call: Call) -> None:
        raise asyncio.CancelledError

    there.world.on_call = die
    with pytest.raises(asyncio.CancelledError):
        await there.read()
    there.world.on_call = None
    assert not await other.sync_one()
    clock.now += LEASE
    assert await other.sync_one()


async def test_a_reading_that_was_overtaken_changes_nothing(there: Catalog) -> None:
    there.put({"template.yaml": template("python")})
    asked = await there.add()

    async def overtake(call: Call) -> None:
        if (call.name, call.moment) == ("fetch_source", Moment.AFTER):
            there.world.on_call = None
            there.put({"template.yaml": template("python", "Newer")}, commit="b")
            async with there.store.writing() as session:
                await rows.wake(session, asked.id)

    there.world.on_call = overtake
    assert await there.sync.sync_one()
    async with there.store.reading() as session:
        assert await entries.find(session, "", "python") is None
    assert await there.sync.sync_one()
    async with there.store.reading() as session:
        (one,) = await rows.all_repositories(session)
    assert (states(one), one.commit) == ([("", "python", 1, "new")], "b" * 40)


async def test_who_asks_for_a_reading_is_answered_when_it_was_made(there: Catalog, clock: Clock) -> None:
    there.put({"template.yaml": template("python")})
    added = await there.add()
    runs = asyncio.create_task(there.sync.run())
    try:
        async with asyncio.timeout(60):
            found = await actions.ask_sync(there.admin, there.store, asyncio.Event(), added.id)
            assert states(found)[0][:2] == ("", "python")
            clock.move(seconds=1)
            there.put({"template.yaml": template("python", "Newer")}, commit="b")
            assert states(await actions.ask_sync(there.admin, there.store, asyncio.Event(), added.id)) == [
                ("", "python", 2, "updated")
            ]
    finally:
        runs.cancel()
        await asyncio.gather(runs, return_exceptions=True)
    with pytest.raises(Problem) as caught:
        await actions.ask_sync(there.admin, there.store, asyncio.Event(), added.id, seconds=0)
    assert caught.value.kind == "no_progress"
    stopping = asyncio.Event()
    asks = asyncio.create_task(actions.ask_sync(there.admin, there.store, stopping, added.id))
    stopping.set()
    there.store.wakeups.ring_all()
    with pytest.raises(Problem) as caught:
        await asks
    assert caught.value.kind == "unavailable"


async def test_a_repository_that_is_removed_leaves_its_templates_withdrawn_and_free(there: Catalog) -> None:
    there.put({"template.yaml": template("python")})
    added = await there.add()
    await there.read()
    async with there.store.writing() as session:
        await actions.remove_repository(there.admin, session, added.id)
    left = await there.entry("python")
    assert (left.repository_id, left.withdrawn_at is not None) == (None, True)
    again = await there.add()
    await there.read()
    python = await there.entry("python")
    assert (python.id, python.repository_id, python.withdrawn_at, python.newest) == (left.id, again.id, None, 1)


async def test_what_breaks_is_told_and_the_next_reading_mends_it(there: Catalog) -> None:
    there.put({"template.yaml": template("python")})
    await there.add()

    async def breaks(call: Call) -> None:
        raise RuntimeError

    there.world.on_call = breaks
    assert (await there.read()).problem.startswith("RuntimeError")
    there.world.on_call = None
    assert (await there.read()).problem == ""


@pytest.mark.parametrize("folder", ["../x", "a/../b", "a//b", ".git", "a\nb", "x" * 301])
def test_a_folder_that_is_none_is_refused(folder: str) -> None:
    with pytest.raises(Problem) as caught:
        actions.checked_folder(folder)
    assert caught.value.kind == "bad_value"


@pytest.mark.parametrize(("folder", "kept"), [("", ""), (".", ""), ("/", ""), ("./a/b/", "a/b"), (" a ", "a")])
def test_a_folder_is_kept_in_one_form(folder: str, kept: str) -> None:
    assert actions.checked_folder(folder) == kept
