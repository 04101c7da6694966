"""Apps of a running agent."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from carrel.core.agent import AgentPlan, App, Hook
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control, RunningAgent

Reconnect = Callable[[], Awaitable[tuple[Any, "Control"]]]
Eventually = Callable[..., Awaitable[None]]

SERVER = """
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            os._exit(9)
        ready = os.path.exists(sys.argv[2]) if len(sys.argv) > 2 else True
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(os.environ.get("WHO", "").encode())
    def log_message(self, *_):
        pass
print("serving", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


@pytest.fixture
def web(project: Path) -> App:
    (project / "server.py").write_text(SERVER)
    return App("web", 0, (sys.executable, "-I", "-S", "server.py", "{port}"), env={"WHO": "me on {port}"})


async def get(link: Any, port: int, path: str = "/") -> bytes:
    reader, writer = await link.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    answer: bytes = await reader.read()
    writer.close()
    return answer


async def test_an_app_starts_on_demand_on_a_port_of_its_own(
    link: Any, control: Control, plan: AgentPlan, web: App
) -> None:
    await control.begin(replace(plan, apps=(web,)))
    status = await control.status_where(lambda s: s["state"] == "ready" and s["apps"])
    assert status["apps"][0]["state"] == "pending"
    app = (await control.ask("app.start", name="web"))["app"]
    assert app["state"] == "done"
    assert (await get(link, app["port"])).endswith(f"me on {app['port']}".encode())
    assert (await control.ask("app.start", name="web"))["app"]["port"] == app["port"]
    assert await control.log("app/web") == "serving\n"
    assert (await control.ask("app.stop", name="web"))["app"]["state"] == "pending"


async def test_an_app_counts_as_started_when_it_is_healthy(
    control: Control, plan: AgentPlan, web: App, project: Path
) -> None:
    assert isinstance(web.command, tuple)
    web = replace(web, command=(*web.command, "ready"), start="boot")
    await control.begin(replace(plan, apps=(web,)))
    status = await control.status_where(lambda s: s["apps"] and s["apps"][0]["port"] and s["apps"][0]["began"])
    assert status["apps"][0]["state"] == "running"
    (project / "ready").touch()
    assert status["apps"][0]["answered"] is None
    status = await control.status_where(lambda s: s["apps"][0]["state"] == "done")
    assert status["apps"][0]["began"] < status["apps"][0]["answered"]


async def test_an_app_that_ends_is_started_again(link: Any, control: Control, plan: AgentPlan, web: App) -> None:
    await control.begin(replace(plan, apps=(replace(web, start="boot"),)))
    status = await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done")
    assert await get(link, status["apps"][0]["port"], "/die") == b""
    status = await control.status_where(lambda s: s["apps"][0]["restarts"] == 1 and s["apps"][0]["state"] == "done")
    assert b"200" in await get(link, status["apps"][0]["port"])


async def test_an_app_that_cannot_start_says_why(control: Control, plan: AgentPlan, web: App) -> None:
    await control.begin(replace(plan, apps=(replace(web, command=("no-such-program",)),)))
    await control.status_where(lambda s: s["apps"])
    with pytest.raises(Problem) as caught:
        await control.ask("app.start", name="web")
    assert caught.value.kind == "app_failed"
    assert "cannot be executed" in caught.value.detail


async def test_what_a_failed_app_printed_last_is_told_without_secrets(
    control: Control, plan: AgentPlan, web: App
) -> None:
    web = replace(web, command="echo the key is $KEY; exit 3")
    await control.begin(replace(plan, apps=(web,), secrets={"KEY": Secret("k-12345")}))
    await control.status_where(lambda s: s["apps"])
    with pytest.raises(Problem) as caught:
        await control.ask("app.start", name="web")
    assert "ended with exit code 3, 5 times in a row" in caught.value.detail
    assert "the key is ********" in caught.value.detail


async def test_an_unknown_app(control: Control, begun: Control) -> None:
    with pytest.raises(Problem) as caught:
        await control.ask("app.start", name="web")
    assert caught.value.kind == "no_such_app"


async def test_an_app_without_a_command_is_only_a_port(control: Control, plan: AgentPlan) -> None:
    await control.begin(replace(plan, apps=(App("mine", 9),)))
    await control.status_where(lambda s: s["apps"])
    with pytest.raises(Problem, match="Nothing listens on port 9"):
        await control.ask("app.start", name="mine")


async def test_an_app_goes_on_through_the_death_of_the_agent(
    agent: RunningAgent, link: Any, control: Control, plan: AgentPlan, web: App, reconnect: Reconnect
) -> None:
    await control.begin(replace(plan, apps=(replace(web, start="boot"),)))
    before = (await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done"))["apps"][0]
    await agent.kill()
    await agent.start()
    link, control = await reconnect()
    after = (await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done"))["apps"][0]
    assert after == before | {"began": None, "answered": None}
    assert b"200" in await get(link, after["port"])
    assert await control.log("app/web") == "serving\n"


async def test_a_changed_app_is_started_anew_and_one_that_is_gone_ends(
    control: Control, plan: AgentPlan, web: App
) -> None:
    web = replace(web, start="boot")
    await control.begin(replace(plan, apps=(web,)), "one")
    before = (await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done"))["apps"][0]
    await control.begin(replace(plan, apps=(replace(web, env={"WHO": "else"}),)), "two")
    await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done" and s["apps"][0] != before)
    await control.begin(plan, "three")
    await control.status_where(lambda s: not s["apps"])


async def test_vs_code_is_built_in(
    agent: RunningAgent,
    control: Control,
    plan: AgentPlan,
    project: Path,
    folder: Path,
    eventually: Eventually,
) -> None:
    (agent.toolbox / "bin").mkdir(parents=True)
    program = agent.toolbox / "bin" / "code-server"
    (project / "server.py").write_text(SERVER)
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {folder}/asked\n[ "$3" = --bind-addr ] || exit 0\n'
        f'exec {sys.executable} -I -S {project}/server.py "${{4#*:}}"\n'
    )
    program.chmod(0o755)
    settings = {"editor.fontSize": 17}
    plan = replace(
        plan,
        apps=(App("code", 0, start="boot"),),
        editor_settings=settings,
        editor_extensions=("acme.tool",),
        remote_env={"MARK": "seen"},
    )
    await control.begin(plan)
    status = await control.status_where(lambda s: s["apps"] and s["apps"][0]["state"] == "done")
    asked = (folder / "asked").read_text()
    assert f"--auth none --bind-addr 127.0.0.1:{status['apps'][0]['port']}" in asked
    await eventually(lambda: "--install-extension acme.tool" in (folder / "asked").read_text())
    assert (Path(status["home"]) / ".local/share/carrel/code/Machine/settings.json").exists()
    assert status["apps"][0]["port"] not in [port["port"] for port in (await control.status())["ports"]]


async def test_an_app_whose_program_a_hook_installs_is_started_when_it_is_there(
    control: Control, plan: AgentPlan, web: App, project: Path
) -> None:
    (project / "server.py").rename(project / "later")
    installs = Hook(
        "postCreate", "devcontainer.json", {"": "until test -e go; do sleep 0.05; done; mv later server.py"}
    )
    missing = App("missing", 0, ("no-such-program",), start="boot")
    await control.begin(replace(plan, apps=(replace(web, start="boot"), missing), hooks=(installs,)))
    status = await control.status_where(lambda s: [a["detail"] != "" for a in s["apps"]] == [True, True])
    assert {app["state"] for app in status["apps"]} == {"running"}
    assert all("hooks run" in app["detail"] for app in status["apps"])
    (project / "go").touch()
    status = await control.status_where(lambda s: [a["state"] for a in s["apps"]] == ["done", "failed"])
    assert [app["restarts"] for app in status["apps"]] == [0, 0]


async def test_who_will_not_wait_is_told_that_it_is_on_its_way(
    control: Control, plan: AgentPlan, web: App, project: Path
) -> None:
    assert isinstance(web.command, tuple)
    web = replace(web, command=(*web.command, "ready"))
    await control.begin(replace(plan, apps=(web,)))
    await control.status_where(lambda s: s["apps"])
    assert (await control.ask("app.start", name="web", wait_seconds=0.1))["app"]["state"] == "running"
    (project / "ready").touch()
    assert (await control.ask("app.start", name="web"))["app"]["state"] == "done"


async def test_jupyter_tells_how_far_it_is_and_why_there_is_none(
    agent: RunningAgent, control: Control, plan: AgentPlan, project: Path
) -> None:
    """The toolbox's starter is played; its own tests are in tests/unit/toolbox/test_jupyter.py."""
    starter = agent.toolbox / "bin/python3"
    starter.parent.mkdir(parents=True, exist_ok=True)
    script = "#!/bin/sh\necho carrel: Installing\necho pip says something\nuntil test -e go; do sleep 0.05; done\n"
    starter.write_text(f"{script}echo carrel: There is no Python.\nexit 78\n")
    starter.chmod(0o755)
    await control.begin(replace(plan, apps=(App("jupyter", 0, health="/api"),)))
    await control.status_where(lambda s: s["apps"])
    app = (await control.ask("app.start", name="jupyter", wait_seconds=60))["app"]
    assert (app["state"], app["detail"]) == ("running", "Installing")
    (project / "go").touch()
    status = await control.status_where(lambda s: s["apps"][0]["state"] == "failed")
    assert (status["apps"][0]["detail"], status["apps"][0]["restarts"]) == ("There is no Python.", 0)
