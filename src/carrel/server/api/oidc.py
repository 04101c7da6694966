"""Signing in through the identity provider, and linking one's account there with that here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Annotated, cast
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from carrel.core.problems import Problem
from carrel.server.actions import identities as actions
from carrel.server.actions.identities import Return
from carrel.server.api.asking import Asking, WithParts, check_origin, cookie_name, request_of, who_asks
from carrel.server.api.parts import Parts
from carrel.server.api.refusals import refused
from carrel.server.api.session import is_own_path, set_cookie
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.oidc.flow import LIFE, Flow, seal, unseal
from carrel.server.oidc.person import Person, person_of
from carrel.server.oidc.provider import Client, Provider
from carrel.server.settings import Settings
from carrel.server.store import passwords
from carrel.server.store.identities import Identity

router = APIRouter(tags=["session"])
pages = APIRouter(include_in_schema=False)
"""Addresses that a browser goes to; not part of the API."""
BEGIN, BACK, OUT = "/login/oidc", "/login/oidc/callback", "/logout/oidc"
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; form-action 'none'",
    "Cache-Control": "no-store",
}


class SignInWays(BaseModel):
    """How one may sign in to this server, beside login links and tokens."""

    model_config = ANSWER

    password: bool
    oidc: str | None
    """What the button for the identity provider says; null: there is none."""


class IdentityDocument(BaseModel):
    """An account at an identity provider with which you sign in."""

    model_config = {**ANSWER, "title": "Identity"}

    id: str
    issuer: str
    email: str
    """As the provider verified it; empty: it did not."""
    created_at: datetime
    used_at: datetime | None


class IdentityList(BaseModel):
    """Your identities."""

    model_config = ANSWER

    items: list[IdentityDocument]


class LinkDocument(BaseModel):
    """Where the browser that asked goes to link an identity."""

    model_config = ANSWER

    url: str


def provider_for(settings: Settings) -> Provider | None:
    """The provider that the settings name, or None."""
    if not settings.oidc_issuer:
        return None
    back = settings.public_url + BACK
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scopes,
        back,
        settings.ca_bundle,
    )
    return Provider(client)


def _known_provider(connection: HTTPConnection) -> Provider | None:
    return cast("Provider | None", connection.app.state.oidc)


def _provider(connection: HTTPConnection) -> Provider:
    found = _known_provider(connection)
    if found is None:
        hint = "An administrator names one by the setting oidc_issuer."
        raise Problem("not_found", "This server has no identity provider.", hint)
    return found


# --- for browsers --------------------------------------------------------------------------------------------------------


@pages.get(BEGIN)
async def go_to_provider(
    parts: WithParts, request: Request, next_path: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """Send the browser to the provider; without one to the sign-in page."""
    if _known_provider(request) is None:
        return RedirectResponse("/sign-in", HTTP_303_SEE_OTHER)
    flow = Flow(parts.store.clock().timestamp(), next_path if is_own_path(next_path) else "/")
    try:
        url = await _provider(request).authorization_url(flow, parts.store.clock())
    except Problem as problem:
        return _page(problem, flow.next_path)
    response = RedirectResponse(url, HTTP_303_SEE_OTHER)
    _remember(parts, response, flow)
    return response


@pages.get(BACK)
async def come_back_from_provider(
    parts: WithParts,
    request: Request,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Finish what was begun in this browser, once: a session, or an identity that is linked."""
    if _known_provider(request) is None:
        return RedirectResponse("/sign-in", HTTP_303_SEE_OTHER)
    name = _flow_cookie(parts, state)
    next_path = "/"
    try:
        provider = _provider(request)
        flow = unseal(request.cookies.get(name, ""), parts.store.keys, state, parts.store.clock())
        next_path = flow.next_path
        person = await _came_back(parts, provider, flow, code=code, error=error, issuer=iss)
        request.scope["state"]["claimed"] = person.wished_name
        back = Return(person, flow.state)
        response: Response = RedirectResponse(flow.next_path, HTTP_303_SEE_OTHER)
        if flow.link_user:
            await _link(parts, request, flow, back)
        else:
            async with parts.store.writing() as session:
                cookie, _ = await actions.sign_in(session, parts.settings, back, request_of(request))
            set_cookie(parts, response, cookie)
    except Problem as problem:
        await refused(request, problem)
        response = _page(problem, next_path)
    response.delete_cookie(name, path="/", secure=_is_https(parts), httponly=True, samesite="lax")
    return response


@pages.get(OUT)
async def leave_provider(parts: WithParts, request: Request) -> Response:
    """Send a browser that signed out here on to where it signs out of the provider."""
    back = f"{parts.settings.public_url}/sign-in"
    try:
        url = await _provider(request).sign_out_url(back, parts.store.clock())
    except Problem:
        url = None
    return RedirectResponse(url or back, HTTP_303_SEE_OTHER)


async def _came_back(
    parts: Parts, provider: Provider, flow: Flow, *, code: str, error: str, issuer: str | None
) -> Person:
    settings = parts.settings
    if issuer is not None and issuer != settings.oidc_issuer:  # RFC 9207: an answer of another provider
        raise Problem("identity_refused", "The answer comes from another identity provider.")
    if error:
        why = "You did not agree, or may not use this." if error == "access_denied" else f"It says {_plain(error)!r}."
        raise Problem("identity_refused", f"The identity provider did not sign you in. {why}")
    if not code:
        raise Problem("identity_refused", "The identity provider sent no code.")
    claims = await provider.claims(code, flow, parts.store.clock())
    return person_of(claims, settings.oidc_name_claim, settings.oidc_groups_claim)


async def _link(parts: Parts, request: Request, flow: Flow, back: Return) -> None:
    """Only for the one who began it, and who is still signed in as the same in this browser."""
    actor = await who_asks(request)
    if actor.user_id != flow.link_user:
        raise Problem("identity_refused", "Somebody else is signed in by now.", "Begin again in the settings.")
    async with parts.store.writing() as session:
        await actions.link(actor, session, back)


def _remember(parts: Parts, response: Response, flow: Flow) -> None:
    response.set_cookie(
        _flow_cookie(parts, flow.state),
        seal(flow, parts.store.keys),
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        secure=_is_https(parts),
        samesite="lax",
        path="/",
    )


def _flow_cookie(parts: Parts, state: str) -> str:
    """One for each sign-in: two tabs do not end each other's."""
    tail = "".join(c for c in state[:8] if c.isascii() and c.isalnum())
    return f"{cookie_name(parts.settings)}_oidc_{tail}"


def _is_https(parts: Parts) -> bool:
    return parts.settings.public_url.startswith("https:")


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isprintable())[:100]


def _page(problem: Problem, next_path: str) -> Response:
    """What a person reads whose sign-in did not work."""
    document = problem.document()
    title, hint = escape(problem.title), escape(str(document["hint"]))
    again = f"{BEGIN}?next={quote(next_path, safe='')}"
    html = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body><h1>{title}</h1>
<p>{escape(problem.detail)}</p>
<p>{hint}</p>
<p><a href="{escape(again)}">Try again</a> or <a href="/sign-in">sign in in another way</a>.</p>
</body></html>
"""
    return HTMLResponse(html, problem.status, PAGE_HEADERS)


# --- the API -------------------------------------------------------------------------------------------------------------


@router.get("/session/ways")
async def list_sign_in_ways(parts: WithParts) -> SignInWays:
    """How one may sign in; open to everybody."""
    settings = parts.settings
    async with parts.store.reading() as session:  # a laptop's owner needs none, and is asked for none
        takes = settings.password_sign_in and (settings.mode == "team" or bool(await passwords.who_have_one(session)))
    return SignInWays(password=takes, oidc=settings.oidc_name if settings.oidc_issuer else None)


@router.get("/identities")
async def list_identities(parts: WithParts, actor: Asking) -> IdentityList:
    """The accounts at identity providers with which you sign in."""
    async with parts.store.reading() as session:
        return IdentityList(items=_documents(await actions.own(actor, session)))


@router.post("/identities", status_code=HTTP_201_CREATED)
async def begin_linking(parts: WithParts, actor: Asking, request: Request, response: Response) -> LinkDocument:
    """Begin to link an identity with your account: the browser that asked goes to `url`, and comes back linked."""
    check_origin(request)
    async with parts.store.reading() as session:
        await actions.may_link(actor, session)
    flow = Flow(parts.store.clock().timestamp(), "/settings", actor.user_id)
    url = await _provider(request).authorization_url(flow, parts.store.clock())
    _remember(parts, response, flow)
    return LinkDocument(url=url)


@router.delete("/identities/{identity}", status_code=HTTP_204_NO_CONTENT)
async def unlink_identity(parts: WithParts, actor: Asking, identity: str) -> None:
    """Sign in with this identity no more."""
    async with parts.store.writing() as session:
        await actions.unlink(actor, session, identity)


def _documents(found: Sequence[Identity]) -> list[IdentityDocument]:
    return [
        IdentityDocument(id=one.id, issuer=one.issuer, email=one.email, created_at=one.created_at, used_at=one.used_at)
        for one in found
    ]
