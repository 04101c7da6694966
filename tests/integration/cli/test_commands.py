"""Every command against the real API; the loop is played."""

from __future__ import annotations

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from tests.integration.api.conftest import Running, serving, token_of
from tests.integration.cli.loop_play import LoopPlay
from tests.integration.conftest import add_user

from carrel.cli.app import run_app
from carrel.core.access import Actor
from carrel.core.agent import AgentState, AgentStatus, HookStatus, Progress
from carrel.core.problems import PROBLEMS
from carrel.core.secret import Secret
from carrel.core.spec import GitSource
from carrel.core.workspace import Failure
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.devcontainer.preview import Preview
from carrel.devcontainer.requirements import Requirements
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store, utc_now
from carrel.server.store.keys import KeyRing

BLOG = "https://git.example.org/ana/blog.git"


@dataclass(frozen=True)
class Ended:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Carrel = Callable[..., Coroutine[Any, Any, Ended]]


@pytest.fixture
async def running(sqlite_url: Secret, keys: KeyRing, tmp_path: Path) -> AsyncIterator[Running]:
    """The API over a store of its own."""
    store = await Store.open(sqlite_url, keys, utc_now)

    def settings(port: int) -> Settings:
        return load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port})

    with structlog.testing.capture_logs():  # the server's log is not the command's output
        async with serving(store, settings) as server:
            yield server
    await store.close()


@pytest.fixture
async def owner(running: Running, tmp_path: Path) -> Actor:
    user = await ensure_local_owner(running.parts.store, tmp_path / "data" / "token")
    return Actor(user.id, user.name, user.role)


@pytest.fixture
async def loop(running: Running) -> AsyncIterator[LoopPlay]:
    play = LoopPlay(running.parts.store)
    task = asyncio.create_task(play.run())
    yield play
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def carrel(
    running: Running,
    owner: Actor,
    loop: LoopPlay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Carrel:
    """Runs a command as the owner, in a thread: it has an event loop of its own."""
    token = await token_of(running.parts.store, owner)
    for name, value in {
        "CARREL_URL": running.url,
        "CARREL_TOKEN": token.reveal(),
        "CARREL_DATA_DIR": str(tmp_path / "data"),
        "HOME": str(tmp_path),
        "COLUMNS": "120",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)

    async def run(*words: str) -> Ended:
        status = await asyncio.wait_for(asyncio.to_thread(run_app, words), 30)
        printed = capsys.readouterr()
        return Ended(status, printed.out, printed.err)

    return run


# --- up --------------------------------------------------------------------------------------------------------------


async def test_up_makes_a_workspace_and_ends_with_the_way_to_the_editor(running: Running, carrel: Carrel) -> None:
    ended = await carrel("up", BLOG)
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert re.fullmatch(r"VS Code: http://code--blog--\w+\.localhost:\d+/", lines[0])
    assert lines[-1].startswith(f"{running.parts.settings.public_url}/login?code=carrel_login_")
    assert "next=%2Fapp-login%3Fhost%3Dcode--blog--" in lines[-1]
    labels = [line.partition("] ")[2] for line in ended.err.splitlines() if line.startswith("[")]
    assert labels == ["Prepare", "Fetch the source", "Build the environment", "Start", "Ready"]
    assert "blog is running" in ended.err


async def test_up_again_is_the_same_workspace(carrel: Carrel) -> None:
    first = await carrel("up", BLOG, "-o", "json")
    again = await carrel("up", BLOG, "-o", "json")
    await carrel("stop", "blog")
    after_stop = await carrel("up", "git@git.example.org:ana/blog.git", "-o", "json")
    by_name = await carrel("up", "blog", "-o", "json")
    assert first.json["id"] == again.json["id"] == by_name.json["id"]
    assert after_stop.json["id"] != first.json["id"], "another address is another source"
    assert after_stop.json["name"] == "blog-2"
    assert (await carrel("up", "ssh://git@git.example.org/ana/blog.git", "-o", "json")).json["name"] == "blog-2"
    assert len((await carrel("ls", "-o", "json")).json) == 2


async def test_ups_at_the_same_time_make_one_workspace(carrel: Carrel) -> None:
    ended = await asyncio.gather(*(carrel("up", BLOG, "--detach") for _ in range(4)))
    assert [one.status for one in ended] == [0] * 4
    assert [one["name"] for one in (await carrel("ls", "-o", "json")).json] == ["blog"]


async def test_a_name_that_another_source_has_is_refused(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("up", "https://git.example.org/ana/other.git", "--name", "blog")
    assert ended.status == 1
    assert ended.err.startswith("The name is taken: blog is a workspace of https://git.example.org/ana/blog.git.")


async def test_up_of_a_folder(carrel: Carrel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    made = (await carrel("up", ".", "-o", "json")).json
    assert (made["name"], made["source"]["path"]) == ("my-project", str(folder))
    assert (await carrel("up", str(folder), "-o", "json")).json["id"] == made["id"]


async def test_what_up_is_told_reaches_the_workspace_now_and_later(carrel: Carrel) -> None:
    words = ("--cpus", "1.5", "--memory", "2g", "--ttl", "2h", "--on-idle", "delete", "--egress", "none")
    made = (await carrel("up", BLOG, *words, "--allow", "privileged", "-o", "json")).json
    assert (made["limits"]["cpus"], made["limits"]["memory_bytes"]) == (1.5, 2 * 2**30)
    assert (made["retention"]["ttl_seconds"], made["retention"]["on_idle"]) == (7200, "delete")
    assert (made["egress"], made["allow"]) == ("none", ["privileged"])
    same = (await carrel("up", BLOG, *words, "--allow", "privileged", "-o", "json")).json
    assert (same["revision"], same["start"]) == (made["revision"], made["start"])
    changed = (await carrel("up", BLOG, "--memory", "4g", "--ttl", "never", "-o", "json")).json
    assert (changed["limits"]["cpus"], changed["limits"]["memory_bytes"]) == (1.5, 4 * 2**30)
    assert (changed["retention"]["ttl_seconds"], changed["phase"]) == (0, "running")
    assert changed["revision"] == made["revision"] + 1


async def test_a_start_that_fails_is_told_with_its_hint(carrel: Carrel, loop: LoopPlay) -> None:
    loop.failures["blog"] = Failure("fetch_source", "source_denied", "git.example.org said 403.")
    ended = await carrel("up", BLOG)
    assert ended.status == 1
    assert ended.err.splitlines()[-2:] == [
        "The repository refuses access: git.example.org said 403.",
        f"hint: {PROBLEMS['source_denied'].hint}",
    ]
    shown = await carrel("show", "blog")
    assert "The repository refuses access" in shown.err
    del loop.failures["blog"]
    assert (await carrel("up", BLOG)).status == 0


async def test_a_recovery_workspace_runs_and_is_marked(carrel: Carrel, loop: LoopPlay) -> None:
    loop.degraded["blog"] = "Recovery workspace: The image build failed"
    ended = await carrel("up", BLOG)
    assert ended.status == 0
    assert "warning: Recovery workspace: The image build failed" in ended.err
    assert "VS Code: " in ended.out
    assert "running (degraded)" in (await carrel("ls")).out


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("up", "ftp://x/y"), 1),
        (("up", "nothing-of-this-name"), 1),
        (("up", BLOG, "--memory", "much"), 2),
        (("up", BLOG, "--ttl", "soon"), 2),
        (("up", BLOG, "--name", "-x"), 1),
        (("up",), 2),
        (("nonsense",), 2),
        (("show", "nothing"), 3),
        (("logs", "nothing", "-f"), 3),
        (("events",), 2),
        (("rm", "nothing"), 3),
    ],
)
async def test_what_is_wrong_is_said_and_has_its_status(carrel: Carrel, words: tuple[str, ...], status: int) -> None:
    ended = await carrel(*words)
    assert (ended.status, ended.out) == (status, "")
    assert ended.err


async def test_a_wrong_token_and_an_absent_server_have_their_status(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARREL_TOKEN", "carrel_personal_wrong")
    assert (await carrel("ls")).status == 4
    monkeypatch.setenv("CARREL_URL", "http://127.0.0.1:9")
    assert (await carrel("ls")).status == 5


# --- goals -----------------------------------------------------------------------------------------------------------


async def test_goals_are_waited_for(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    for words, sentence in (
        (("stop", "blog"), "blog is stopped"),
        (("stop", "blog"), "blog is stopped"),
        (("start", "blog"), "blog is running"),
        (("start", "blog"), "blog is running"),
        (("restart", "blog"), "blog is running"),
        (("rebuild", "--no-cache", "blog"), "blog is running"),
    ):
        ended = await carrel(*words)
        assert ended.status == 0
        assert ended.err.splitlines()[-1].startswith(sentence)
    shown = (await carrel("show", "blog", "-o", "json")).json
    assert (shown["start"], shown["revision"]) == (4, 2)


async def test_a_stop_that_comes_before_the_start_began_is_not_waited_for_in_vain(
    carrel: Carrel, loop: LoopPlay
) -> None:
    await carrel("up", BLOG)
    await carrel("stop", "blog")
    loop.held.add("blog")
    await carrel("start", "--detach", "blog")
    assert (await carrel("stop", "blog")).status == 0


async def test_somebody_elses_wish_ends_the_waiting(carrel: Carrel, loop: LoopPlay, running: Running) -> None:
    loop.held.add("blog")
    starting = asyncio.create_task(carrel("up", BLOG))
    store = running.parts.store
    async with store.wakeups.listen("workspaces") as bell:
        await bell.wait(20)
    await carrel("stop", "blog", "--detach")
    loop.held.clear()
    store.wakeups.ring_all()
    await starting
    assert (await carrel("show", "blog", "-o", "json")).json["phase"] == "stopped"


async def test_rm_puts_into_the_trash_and_undelete_takes_out(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "--yes", "blog")
    assert ended.status == 0
    assert "blog is in the trash until" in ended.err
    assert "There is no workspace." in (await carrel("ls")).err
    assert "blog" in (await carrel("ls", "--deleted")).out
    await carrel("up", BLOG)
    assert (await carrel("undelete", "blog")).err.startswith("The name is taken")
    back = (await carrel("undelete", "blog", "--name", "old-blog", "-o", "json")).json
    assert (back["name"], back["goal"]) == ("old-blog", "stop")
    assert (await carrel("undelete", "blog")).status == 3


async def test_purge_leaves_nothing(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "--purge", "-y", "blog")
    assert (ended.status, ended.err.splitlines()[-1]) == (0, "blog: nothing is left of it.")
    await carrel("up", BLOG)
    await carrel("rm", "-y", "blog")
    in_trash = (await carrel("ls", "--deleted", "-o", "json")).json[0]["id"]
    assert (await carrel("rm", "--purge", "-y", in_trash)).status == 0
    assert (await carrel("ls", "--deleted", "-o", "json")).json == []


async def test_nobody_is_asked_where_nobody_can_answer(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "blog")
    assert (ended.status, "--yes" in ended.err) == (1, True)
    assert (await carrel("show", "blog")).status == 0


async def test_extend_moves_the_end(carrel: Carrel) -> None:
    before = (await carrel("up", BLOG, "-o", "json")).json
    after = (await carrel("extend", "blog", "2h", "-o", "json")).json
    assert after["deadline"]
    assert after["deadline"] != before["deadline"]


# --- looking ---------------------------------------------------------------------------------------------------------


async def test_ls_and_show_say_how_things_are(carrel: Carrel) -> None:
    assert (await carrel("ls")).err == "There is no workspace. `carrel up SOURCE` makes one.\n"
    await carrel("up", BLOG)
    head, row = (await carrel("ls")).out.splitlines()
    assert head.split() == ["NAME", "PHASE", "SOURCE", "RUNS", "FOR", "STOPS"]
    assert row.split()[:3] == ["blog", "running", BLOG]
    assert (await carrel("ls", "--phase", "stopped", "-o", "json")).json == []
    assert [one["name"] for one in (await carrel("ls", "blo", "-o", "json")).json] == ["blog"]
    shown = (await carrel("show", "blog")).out
    assert re.search(r"^Phase +running$", shown, re.MULTILINE)
    assert re.search(r"^code +VS Code +http://code--blog--", shown, re.MULTILINE)


async def test_events_are_told(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    told = [line.split("  ", 1)[1] for line in (await carrel("events", "blog")).out.splitlines()]
    assert told[0].startswith("accepted")
    assert told[-1] == "phase running"
    latest = (await carrel("events", "blog", "-n", "2", "-o", "json")).json
    assert [one["data"]["phase"] for one in latest] == ["starting", "running"]


async def test_events_are_followed_until_the_last_one(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    following = asyncio.create_task(carrel("events", "-f", "-n", "1", "blog", "-o", "json"))
    await asyncio.sleep(0)
    await asyncio.to_thread(run_app, ["rm", "--purge", "--yes", "blog"])
    ended = await following
    kinds = [json.loads(line)["kind"] for line in ended.out.splitlines()]
    assert ended.status == 0
    assert kinds[-1] == "purged"


async def test_logs_are_read_by_stream_and_whole(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert (await carrel("logs", "blog")).out == "==> build <==\nbuilding blog\n\x1b[2Jdone\n"
    assert (await carrel("logs", "blog", "--stream", "build")).out == "building blog\n\x1b[2Jdone\n"
    assert (await carrel("logs", "blog", "--list")).out.splitlines()[1].startswith("build")
    absent = await carrel("logs", "blog", "--stream", "nothing")
    assert (absent.out, "build" in absent.err) == ("", True)
    chunk = json.loads((await carrel("logs", "blog", "-o", "json")).out)
    assert (chunk["stream"], chunk["seq"]) == ("build", 1)


async def test_logs_of_an_app_are_asked_of_the_workspace(carrel: Carrel, running: Running) -> None:
    await carrel("up", BLOG)
    lines = [f"line {n} é\n" for n in range(20_000)]
    running.live.app_logs["code"] = "".join(lines).encode() + b"half a li"
    assert (await carrel("logs", "blog", "--app", "code")).out == "".join(lines)
    assert (await carrel("logs", "blog", "--app", "nothing")).status == 3


async def test_timeline_and_why(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    assert "Build the image" in (await carrel("timeline", "blog")).out
    assert (await carrel("timeline", "blog", "-o", "json")).json["start"] == 1
    assert (await carrel("why", "blog")).status == 0
    assert (await carrel("why", "blog", "-o", "json")).json["alive"] is True


async def test_open_prints_a_link_where_there_is_no_browser(carrel: Carrel, running: Running) -> None:
    await carrel("up", BLOG)
    link = (await carrel("open", "blog")).out.strip()
    assert link.startswith(f"{running.parts.settings.public_url}/login?code=carrel_login_")
    assert (await carrel("open", "blog", "--app", "nothing")).status == 3
    await carrel("stop", "blog")
    stopped = await carrel("open", "blog")
    assert (stopped.status, "carrel start" in stopped.err) == (1, True)


# --- who -------------------------------------------------------------------------------------------------------------


async def test_login_keeps_a_server_and_logout_forgets_it(
    carrel: Carrel, running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    anas = await token_of(running.parts.store, await add_user(running.parts.store, "ana"))
    _answer(monkeypatch, anas.reveal())
    ended = await carrel("login", running.url)
    assert ended.err == f"Signed in to {running.url} as ana.\n"
    for name in ("CARREL_URL", "CARREL_TOKEN", "CARREL_DATA_DIR"):
        monkeypatch.delenv(name)
    assert (await carrel("up", BLOG, "-o", "json")).json["owner"] == "ana"
    assert (await carrel("logout", "--revoke")).status == 0
    assert not (tmp_path / ".config/carrel/client.json").exists()
    assert "nothing to forget" in (await carrel("logout")).err


async def test_a_wrong_token_is_not_kept(
    carrel: Carrel, running: Running, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _answer(monkeypatch, "carrel_personal_wrong")
    assert (await carrel("login", running.url)).status == 4
    assert not (tmp_path / ".config/carrel/client.json").exists()


async def test_login_without_an_address_is_a_link(carrel: Carrel, running: Running) -> None:
    assert (await carrel("login")).out.startswith(f"{running.parts.settings.public_url}/login?code=")


async def test_git_credentials_come_from_stdin_and_are_never_shown(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer(monkeypatch, "ghp_secret")
    assert (await carrel("git-credential", "add", "git.example.org", "--username", "ana")).status == 0
    listed = await carrel("git-credential", "ls")
    assert listed.out.splitlines()[1].split()[:2] == ["git.example.org", "ana"]
    assert "ghp_secret" not in listed.out + (await carrel("git-credential", "ls", "-o", "json")).out
    assert (await carrel("git-credential", "rm", "git.example.org")).status == 0
    assert (await carrel("git-credential", "rm", "git.example.org")).status == 3
    _answer(monkeypatch, "")
    assert (await carrel("git-credential", "add", "git.example.org")).status == 1


async def test_version_names_the_server(carrel: Carrel) -> None:
    found = (await carrel("version", "-o", "json")).json
    assert found["carrel"] == found["server"]


async def test_names_are_completed(carrel: Carrel, monkeypatch: pytest.MonkeyPatch) -> None:
    await carrel("up", BLOG)
    await carrel("up", "https://git.example.org/ana/wiki.git")
    for name, value in {"_CARREL_COMPLETE": "complete_bash", "COMP_WORDS": "carrel stop b", "COMP_CWORD": "2"}.items():
        monkeypatch.setenv(name, value)
    assert (await carrel()).out.split() == ["blog"]


def _answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """What a program gives on standard input."""
    import io  # noqa: PLC0415
    import sys  # noqa: PLC0415

    monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))


# --- hooks -----------------------------------------------------------------------------------------------------------


async def test_hooks_are_listed_and_run_again(running: Running, carrel: Carrel) -> None:
    made = await carrel("up", BLOG, "-o", "json")
    assert "no hooks" in (await carrel("hooks", "ls", "blog")).err
    hook = HookStatus("postCreate", "feature x", "", Progress.FAILED, "hook/postCreate-0", 3, utc_now(), utc_now())
    said = AgentStatus(1, "0", made.json["id"], 1, "boot", utc_now(), AgentState.READY, hooks=(hook,))
    running.live.statuses[made.json["id"]] = said
    shown = await carrel("hooks", "ls", "blog")
    assert re.search(r"postCreate +feature x +failed +3 .* hook:postCreate$", shown.out, re.MULTILINE)
    ended = await carrel("hooks", "run", "blog", "postCreateCommand")
    assert ended.status == 0, ended.err
    assert running.live.hooks_run == ["postCreate"]
    [event] = [line for line in (await carrel("events", "blog")).out.splitlines() if "postCreate" in line]
    assert "run again" in event
    refused = await carrel("hooks", "run", "blog", "nonsense")
    assert refused.status == 1
    assert "no stage" in refused.err
    assert (await carrel("hooks", "run", "other", "postCreate")).status == 3


# --- secrets and dotfiles --------------------------------------------------------------------------------------------


async def test_secrets_are_stored_listed_and_removed_and_never_printed(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    await carrel("up", BLOG)
    monkeypatch.setattr("sys.stdin", io.StringIO("line one\nline two\n"))
    for words in (("--for", "https://git.example.org/*"), ("--workspace", "blog"), ("--project", "default")):
        monkeypatch.setattr("sys.stdin", io.StringIO("line one\nline two\n"))
        stored = await carrel("secret", "set", "API_TOKEN", *words)
        assert stored.status == 0, stored.err
        assert "line one" not in stored.out + stored.err
    assert "https://git.example.org/*" in (await carrel("secret", "ls")).out
    assert [one["name"] for one in (await carrel("secret", "ls", "--project", "default", "-o", "json")).json] == [
        "API_TOKEN"
    ]
    assert re.search(r"API_TOKEN +workspace", (await carrel("secret", "ls", "-w", "blog")).out)
    assert (await carrel("secret", "rm", "API_TOKEN", "-w", "blog")).status == 0
    assert re.search(r"API_TOKEN +user", (await carrel("secret", "ls", "-w", "blog")).out)
    assert (await carrel("secret", "rm", "OTHER")).status == 3
    monkeypatch.setattr("sys.stdin", io.StringIO("x"))
    assert "repositories" in (await carrel("secret", "set", "API_TOKEN")).err
    assert (await carrel("secret", "set", "A", "--for", "*", "-w", "blog")).status == 1


async def test_up_takes_secrets_from_options_variables_and_standard_input(
    carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FROM_SHELL", "value-of-shell")
    monkeypatch.setattr("sys.stdin", io.StringIO("value-of-stdin\n"))
    secrets = ("--secret", "GIVEN=value=given", "--secret", "FROM_SHELL", "--secret", "PIPED")
    ended = await carrel("up", BLOG, *secrets, "--dotfiles", "ana/dots", "-o", "json")
    assert ended.status == 0, ended.err
    assert "value" not in ended.out
    assert ended.json["dotfiles"]["repository"] == "https://github.com/ana/dots"
    listed = (await carrel("secret", "ls", "-w", "blog", "-o", "json")).json
    assert [one["name"] for one in listed] == ["FROM_SHELL", "GIVEN", "PIPED"]
    assert (await carrel("up", "blog", "--secret", "LATER=x")).status == 0
    assert len((await carrel("secret", "ls", "-w", "blog", "-o", "json")).json) == 4
    assert (await carrel("up", BLOG, "--secret", "=x")).status == 1


async def test_what_the_repository_would_like_to_have_is_asked_for_on_a_terminal(
    running: Running, carrel: Carrel, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = (DeclaredSecret("A", "To sign in."), DeclaredSecret("B"), DeclaredSecret("C"))
    needs = Requirements(cpus=64)
    running.live.previews[GitSource(BLOG)] = Preview(secrets=wanted, requirements=needs)
    answers = iter(["value-of-a", ""])
    monkeypatch.setattr("carrel.cli.up.can_ask", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: next(answers))
    ended = await carrel("up", BLOG, "--secret", "C=value-of-c")
    assert ended.status == 0, ended.err
    assert "To sign in." in ended.err
    assert "64 CPUs" in ended.err
    assert [one["name"] for one in (await carrel("secret", "ls", "-w", "blog", "-o", "json")).json] == ["A", "C"]


async def test_dotfiles_are_set_shown_and_removed(carrel: Carrel) -> None:
    assert "none" in (await carrel("dotfiles", "show")).err
    assert (await carrel("dotfiles", "set", "ana/dots", "--target", "~/d")).status == 0
    assert "https://github.com/ana/dots" in (await carrel("dotfiles", "show")).out
    assert (await carrel("dotfiles", "show", "-o", "json")).json["target"] == "~/d"
    assert (await carrel("dotfiles", "rm")).status == 0
    assert (await carrel("dotfiles", "set", "ext::sh")).status == 1
