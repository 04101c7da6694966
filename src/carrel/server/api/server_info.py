"""What the server is and runs on; whether it is alive and ready."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from carrel import __version__
from carrel.core.problems import Problem
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import RuntimeSummary
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.device_flow import providers
from carrel.server.settings import Settings
from carrel.server.store.engine import ping

router = APIRouter(tags=["server"])
health = APIRouter(tags=["server"])
SHOWN = (
    "mode",
    "public_url",
    "apps_domain",
    "allow_git_schemes",
    "allow_local_folders",
    "default_image",
    "default_project",
    "default_domain",
    "ttl_seconds",
    "max_life_seconds",
    "hard_life_seconds",
    "trash_days",
    "max_cpus",
    "max_memory_bytes",
    "max_gpus",
    "max_workspaces",
    "max_running",
    "port_visibility_ceiling",
    "public_port_max_hours",
    "token_max_days",
)
"""Settings that every signed-in person may see."""


class ServerDocument(BaseModel):
    """The server."""

    model_config = {**ANSWER, "title": "Server"}

    version: str
    database: str
    runtime: RuntimeSummary
    settings: dict[str, str | int | float | bool | list[str]]
    """Those that people may see; docs/reference/settings.md explains them."""
    git_login_hosts: list[str]
    """Git hosts at which you may log in without a token to copy: `POST /git-credentials/{host}/login`."""


class Health(BaseModel):
    """Whether the server is alive, or ready."""

    model_config = ANSWER

    status: str
    problems: list[str] = []
    """Why it is not ready."""


@router.get("/server")
async def get_server(parts: WithParts, actor: Asking) -> ServerDocument:
    """Version, runtime, and the settings that people may see."""
    del actor  # anybody who is signed in
    shown = {name: getattr(parts.settings, name) for name in SHOWN}
    settings = {name: list(value) if isinstance(value, tuple) else value for name, value in shown.items()}
    return ServerDocument(
        version=__version__,
        database=parts.store.dialect,
        runtime=parts.runtime(),
        settings=settings,
        git_login_hosts=_git_login_hosts(parts.settings),
    )


def _git_login_hosts(settings: Settings) -> list[str]:
    try:
        return sorted(providers(settings))
    except Problem:  # a setting that nobody can read; who begins a login is told
        return []


@health.get("/healthz")
async def is_alive() -> Health:
    """The process answers."""
    return Health(status="alive")


@health.get("/readyz", responses={HTTP_503_SERVICE_UNAVAILABLE: {"model": Health}})
async def is_ready(parts: WithParts, response: Response) -> Health:
    """Database and runtime can be used; 503 where not."""
    problems = []
    if parts.stopping.is_set():
        problems.append("The server is stopping.")
    try:
        await ping(parts.store)
    except (Problem, TimeoutError, OSError):
        problems.append("The database does not answer.")
    runtime = parts.runtime()
    if runtime.problem:
        problems.append(f"The runtime cannot be used: {runtime.problem}")
    if problems:
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return Health(status="not ready" if problems else "ready", problems=problems)
