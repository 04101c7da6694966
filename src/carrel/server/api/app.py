"""The application: every route in its place."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from carrel import __version__
from carrel.server.api import (
    apps,
    audit,
    browser_sessions,
    cli_login,
    components,
    environments,
    events,
    files,
    git_credentials,
    goals,
    guest_page,
    hooks,
    image_builds,
    inspections,
    logs,
    metrics,
    oidc,
    openings,
    passwords,
    people,
    prebuilds,
    preferences,
    profile,
    project_policies,
    projects,
    quota,
    schemas,
    secrets,
    server_info,
    session,
    shares,
    sockets,
    ssh,
    ssh_keys,
    template_repositories,
    templates,
    terminals,
    timeline,
    tokens,
    tunnels,
    users,
    why,
    workspaces,
)
from carrel.server.api.asking import SECURITY
from carrel.server.api.metrics import PREFIX, MeasureRequests, Metrics
from carrel.server.api.openapi import finished
from carrel.server.api.pages import Pages, pages_folder
from carrel.server.api.parts import Parts
from carrel.server.api.problems import ProblemDocument, add_problem_handlers
from carrel.server.api.requests import EveryRequest

NOUNS = (
    workspaces,
    goals,
    environments,
    events,
    files,
    logs,
    timeline,
    why,
    apps,
    openings,
    shares,
    people,
    hooks,
    inspections,
    image_builds,
    prebuilds,
    terminals,
    session,
    oidc,
    passwords,
    users,
    profile,
    project_policies,
    projects,
    templates,
    template_repositories,
    tokens,
    cli_login,
    browser_sessions,
    git_credentials,
    audit,
    secrets,
    preferences,
    quota,
    ssh_keys,
    server_info,
    schemas,
)
DESCRIPTION = "Cloud development environments. Failures are `application/problem+json` (RFC 9457), each with a hint."


def create_app(parts: Parts) -> FastAPI:
    """The application over its parts."""
    app = api_app()
    app.state.parts = parts
    app.state.metrics = Metrics()
    app.state.oidc = oidc.provider_for(parts.settings)
    app.include_router(session.pages)
    app.include_router(oidc.pages)
    app.include_router(cli_login.pages)
    app.include_router(guest_page.pages)
    app.router.default = Pages(pages_folder)
    app.add_middleware(MeasureRequests, metrics=app.state.metrics)
    app.add_middleware(EveryRequest, settings=parts.settings)
    return app


class Api(FastAPI):
    """FastAPI whose OpenAPI document says what is really answered."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document."""
        if self.openapi_schema is None:
            self.openapi_schema = finished(super().openapi())
        return self.openapi_schema


def api_app() -> Api:
    """The API alone, without parts: what the OpenAPI document is made from."""
    app = Api(
        title="Carrel",
        version=__version__.partition(".dev")[0],
        description=DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    add_problem_handlers(app)
    api = APIRouter(prefix=PREFIX, responses={"default": {"model": ProblemDocument, "description": "A problem."}})
    for noun in NOUNS:
        api.include_router(noun.router, dependencies=SECURITY)
    api.include_router(sockets.router)
    api.include_router(ssh.router)
    api.include_router(tunnels.router)
    app.include_router(api)
    app.include_router(components.router)
    app.include_router(server_info.health)
    app.include_router(metrics.router, dependencies=SECURITY)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
