"""Signing in and out of a browser, login links, and the way to an app's host."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.urls import label_of_host
from carrel.server.actions import login
from carrel.server.api.asking import Asking, WithParts, check_origin, cookie_name, request_of, who_asks
from carrel.server.api.parts import Parts
from carrel.server.api.refusals import refused
from carrel.server.api.workspace_documents import ANSWER, REQUEST

router = APIRouter(tags=["session"])
pages = APIRouter(include_in_schema=False)
"""Addresses that a browser goes to; not part of the API."""
TICKET_PATH = "/.carrel/ticket"


class SignIn(BaseModel):
    """A one-time code of a login link, or a personal token."""

    model_config = REQUEST

    token: str


class SessionDocument(BaseModel):
    """Who is signed in."""

    model_config = {**ANSWER, "title": "Session"}

    user: str
    user_id: str
    role: Role


class LoginLink(BaseModel):
    """A link that signs a browser in, once."""

    model_config = ANSWER

    url: str
    expires_in_seconds: int


def session_document(actor: Actor) -> SessionDocument:
    """Who is signed in, as it is answered."""
    return SessionDocument(user=actor.name, user_id=actor.user_id, role=actor.role)


def set_cookie(parts: Parts, response: Response, cookie: Secret) -> None:
    """Have the browser keep its session."""
    response.set_cookie(
        cookie_name(parts.settings),
        cookie.reveal(),
        max_age=int(timedelta(days=parts.settings.session_days).total_seconds()),
        httponly=True,
        secure=parts.settings.public_url.startswith("https:"),
        samesite="lax",
        path="/",
    )


@router.post("/session", status_code=HTTP_201_CREATED)
async def sign_in(parts: WithParts, request: Request, response: Response, body: SignIn) -> SessionDocument:
    """Sign a browser in: sets the session cookie."""
    check_origin(request)
    async with parts.store.writing() as session:
        cookie, actor = await login.sign_in(session, parts.settings, Secret(body.token.strip()), request_of(request))
    set_cookie(parts, response, cookie)
    return session_document(actor)


@router.get("/session")
async def get_session(actor: Asking) -> SessionDocument:
    """Who you are."""
    return session_document(actor)


@router.delete("/session", status_code=HTTP_204_NO_CONTENT)
async def sign_out(parts: WithParts, actor: Asking, response: Response) -> None:
    """Sign this browser out; also of every app. A personal token that is used for this is revoked."""
    async with parts.store.writing() as session:
        await login.sign_out(actor, session)
    response.delete_cookie(cookie_name(parts.settings), path="/")


@router.post("/login-links", status_code=HTTP_201_CREATED)
async def make_login_link(parts: WithParts, actor: Asking) -> LoginLink:
    """Make a link that signs a browser in as you, once, within a few minutes."""
    async with parts.store.writing() as session:
        url = await login.make_login_link(actor, session, parts.settings)
    return LoginLink(url=url, expires_in_seconds=parts.settings.login_link_seconds)


@pages.get("/login")
async def follow_login_link(
    parts: WithParts,
    request: Request,
    code: Annotated[str, Query(max_length=200)] = "",
    next_path: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> Response:
    """Sign in by a login link and go on; a used or expired link leads to the sign-in page."""
    target = next_path if is_own_path(next_path) else "/"
    try:
        async with parts.store.writing() as session:
            cookie, _ = await login.sign_in(session, parts.settings, Secret(code), request_of(request))
    except Problem as problem:
        await refused(request, problem)
        return RedirectResponse(f"/sign-in?problem=link&next={quote(target, safe='')}", HTTP_303_SEE_OTHER)
    response = RedirectResponse(target, HTTP_303_SEE_OTHER)
    set_cookie(parts, response, cookie)
    return response


@pages.get("/app-login")
async def enter_app(
    parts: WithParts,
    request: Request,
    host: Annotated[str, Query(max_length=300)],
    path: Annotated[str, Query(max_length=8000)] = "/",
) -> Response:
    """Carry the session over to an app's host, by a one-time code."""
    label = label_of_host(host, parts.settings.apps_domain)
    public = urlsplit(parts.settings.public_url)
    port = f":{public.port}" if public.port else ""
    if label is None or not is_own_path(path):
        raise Problem("not_found", "That is no address of an app.")
    try:
        actor = await who_asks(request)
    except Problem:
        back = f"/app-login?host={quote(host, safe='')}&path={quote(path, safe='')}"
        return RedirectResponse(f"/sign-in?next={quote(back, safe='')}", HTTP_303_SEE_OTHER)
    name = f"{label}.{parts.settings.apps_domain}"
    try:
        async with parts.store.writing() as session:
            code = await login.make_app_code(actor, session, parts.settings, label, name)
    except Problem as problem:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        await refused(request, problem)
        return _refusal(problem)
    query = f"code={code.reveal()}&next={quote(path, safe='')}"
    return RedirectResponse(f"{public.scheme}://{name}{port}{TICKET_PATH}?{query}", HTTP_303_SEE_OTHER)


def _refusal(problem: Problem) -> Response:
    """What a person at a browser reads who may not open an app; the same for what is not there."""
    title = escape(problem.title)
    html = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body><h1>{title}</h1>
<p>{escape(problem.detail)}</p>
<p>It may belong to somebody else who did not open it to you; ask them to share it. <a href="/">To your workspaces</a></p>
</body></html>
"""
    headers = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Cache-Control": "no-store"}
    return HTMLResponse(html, problem.status, headers)


def is_own_path(path: str) -> bool:
    """Whether it is a path on the same host and nothing that a browser takes for another one."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
