"""The catalog as a real git repository over HTTP has it, fetched by a real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from tests.contract.docker_bench import DockerBench
from tests.contract.git_server import git

from carrel.core.access import Actor, Role
from carrel.core.secret import Secret
from carrel.server.actions import template_repositories as actions
from carrel.server.actions.git_credentials import put_git_credential
from carrel.server.reconcile.credentials import StoredCredentials
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.reconcile.inspection import Inspections
from carrel.server.reconcile.template_sync import TemplateSync
from carrel.server.settings import Settings
from carrel.server.store import template_repositories as rows
from carrel.server.store import templates, users
from carrel.server.store.engine import Store
from carrel.server.store.keys import load_keys
from carrel.server.store.template_repositories import Place, TemplateRepository

pytestmark = pytest.mark.docker
SETTINGS = Settings(allow_git_schemes=("http", "https"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(Secret(f"sqlite:///{tmp_path / 'carrel.sqlite'}"), load_keys(tmp_path / "keys"))
    yield opened
    await opened.close()


def change(work: Path, files: Mapping[str, str]) -> None:
    """Commit a change of `work`, and bring it to the repository that is served."""
    for path, text in files.items():
        (work / path).write_text(text)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "Change")
    git(work.with_suffix(".git"), "fetch", "--quiet", str(work), "+main:main")


async def test_a_private_repository_is_followed_until_it_disappears(docker_bench: DockerBench, store: Store) -> None:
    files = {"python/template.yaml": b"name: python", "python/.devcontainer/devcontainer.json": b"{}", "README": b"x"}
    files |= {"ml/template.yaml": b"name: ml\ntitel: x\n"}
    links = {"python/passwd": "/etc/passwd", "out": "/etc", "linked/template.yaml": "../python/template.yaml"}
    repository = await docker_bench.repository({"main": files}, links, token="s3cret")
    folder = docker_bench.folder / repository.url.rpartition("/")[2]
    work = folder.with_suffix(".work")

    async with store.writing() as session:
        user = await users.insert(session, "root", Role.ADMIN)
        admin = Actor(user.id, user.name, user.role)
        await actions.add_repository(admin, session, SETTINGS, Place("", repository.url))
    environments = Environments(store, StoredCredentials(store, {}), Making(DefaultImage("default:1")))
    sync = TemplateSync(store, SETTINGS, Inspections(environments, docker_bench.runtime))

    async def read() -> TemplateRepository:
        async with store.writing() as session:
            (one,) = await rows.all_repositories(session)
            await rows.wake(session, one.id)
        assert await sync.sync_one()
        async with store.reading() as reading:
            (one,) = await rows.all_repositories(reading)
        return one

    assert "s3cret" not in (denied := await read()).problem
    assert (denied.problem != "", denied.report) == (True, ())
    host = repository.url.split("/")[2]
    async with store.writing() as session:
        await put_git_credential(admin, session, store.keys, host, "root", Secret("s3cret"))
    first = await read()
    assert (first.problem, first.commit) == ("", repository.commits["main"])
    assert [(one.folder, one.name, one.version, one.state) for one in first.report] == [
        ("ml", "", None, "refused"),
        ("python", "python", 1, "new"),
    ]
    assert "ml/template.yaml, line 2, column 1" in first.report[0].problem
    async with store.reading() as reading:
        python = await templates.find(reading, "", "python")
        assert python is not None
        kept = await templates.files(reading, python.id, 1)
    assert sorted(kept or ()) == [".devcontainer/devcontainer.json", "template.yaml"]

    changed = {"python/.devcontainer/devcontainer.json": '{"name": "x"}', "ml/template.yaml": "name: ml\n"}
    await asyncio.to_thread(change, work, changed)
    second = await read()
    assert [(one.name, one.version, one.state) for one in second.report] == [("ml", 1, "new"), ("python", 2, "updated")]

    await asyncio.to_thread(folder.rename, folder.with_suffix(".gone"))
    gone = await read()
    assert gone.problem != ""
    assert (gone.report, gone.commit) == (second.report, second.commit)
    assert await docker_bench.leftovers() == []
