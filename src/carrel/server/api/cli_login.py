"""Where `carrel login URL` sends a browser, and where it gets its token: somebody who is signed in allows it by a press on a button."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.status import HTTP_201_CREATED, HTTP_303_SEE_OTHER

from carrel.core.code_exchange import CHALLENGE, VERIFIER, check_of
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import cli_login as actions
from carrel.server.actions.cli_login import CliLogin
from carrel.server.api.asking import WithParts, request_of, who_asks
from carrel.server.api.refusals import refused
from carrel.server.api.tokens import NewTokenDocument, new_token_document
from carrel.server.api.workspace_documents import REQUEST

router = APIRouter(tags=["tokens"])
pages = APIRouter(include_in_schema=False)
"""Addresses that a browser goes to; not part of the API."""
PATH = "/cli-login"
_STATE = re.compile(r"[A-Za-z0-9_-]{20,128}")
_PORTS = range(1024, 65536)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto 0; padding: 0 1rem; color-scheme: light dark; }
button { font: inherit; padding: .5rem 1.25rem; margin-right: 1rem; }
code { font-size: 1.1em; overflow-wrap: anywhere; user-select: all; }
"""


class CodeExchange(BaseModel):
    """A code that somebody allowed, and the verifier of the challenge that it was allowed for."""

    model_config = REQUEST

    code: Annotated[str, Field(max_length=200)]
    verifier: Annotated[str, Field(pattern=f"^{VERIFIER.pattern}$")]


class Asked:
    """What the address of the page says."""

    def __init__(
        self,
        challenge: Annotated[str, Query(max_length=200)] = "",
        state: Annotated[str, Query(max_length=200)] = "",
        title: Annotated[str, Query(max_length=200)] = "",
        port: Annotated[str, Query(max_length=20)] = "",
    ) -> None:
        """As it came: `check` says whether it can be used."""
        self.challenge, self.state, self.port = challenge, state, port
        self.title = "".join(c for c in title if c.isprintable()).strip()[:100]

    def check(self) -> CliLogin:
        """What is wanted. Raises `bad_value` for an address that no `carrel login` made."""
        port_is_good = not self.port or (self.port.isdecimal() and int(self.port) in _PORTS)
        if not (CHALLENGE.fullmatch(self.challenge) and _STATE.fullmatch(self.state) and self.title and port_is_good):
            raise Problem("bad_value", "This is not an address that `carrel login` made.", "Run `carrel login URL`.")
        return CliLogin(self.challenge, self.title)

    @property
    def own_path(self) -> str:
        """The same page again."""
        return f"{PATH}?{urlencode(vars(self))}"

    def way_back(self, **more: str) -> str:
        """Where the command line listens: on the machine of the browser and nowhere else."""
        return f"http://127.0.0.1:{int(self.port)}/?{urlencode(more | {'state': self.state})}"


@pages.get(PATH)
async def ask_for_cli_login(request: Request, asked: Annotated[Asked, Depends()]) -> Response:
    """Ask whoever is signed in whether this command line may be, too."""
    try:
        wanted = asked.check()
        actor = await who_asks(request)
        actions.may_allow(actor)
    except Problem as problem:
        if problem.kind == "not_authenticated":
            return RedirectResponse(f"/sign-in?next={quote(asked.own_path, safe='')}", HTTP_303_SEE_OTHER)
        return await _refusal(request, problem)
    return _page("Sign in a command line?", _question(asked, wanted, actor.name), asked.port)


@pages.post(PATH)
async def allow_cli_login(parts: WithParts, request: Request, asked: Annotated[Asked, Depends()]) -> Response:
    """Make the code, and carry it to where the command line listens, or show it."""
    try:
        actor = await who_asks(request)
        actions.may_allow(actor)
        wanted = asked.check()
        async with parts.store.writing() as session:
            code = await actions.allow(actor, session, wanted)
    except Problem as problem:
        return await _refusal(request, problem)
    if asked.port:
        return RedirectResponse(asked.way_back(code=code.reveal()), HTTP_303_SEE_OTHER)
    return _page("Paste this code in your terminal", _code_to_paste(asked, code))


@router.post("/tokens/exchange", status_code=HTTP_201_CREATED)
async def exchange_cli_code(parts: WithParts, request: Request, body: CodeExchange) -> NewTokenDocument:
    """Get a personal token for a code that somebody allowed in a browser, once; see `carrel login URL`."""
    async with parts.store.writing() as session:
        found = await actions.redeem(
            session, parts.settings, Secret(body.code.strip()), Secret(body.verifier), request_of(request)
        )
    if found is None:  # after the transaction: a code that was shown with a wrong verifier is used up
        raise actions.refused()
    return new_token_document(*found)


def _question(asked: Asked, wanted: CliLogin, name: str) -> str:
    refuse = f'<a href="{escape(asked.way_back(error="access_denied"))}">No</a>' if asked.port else ""
    return f"""<p>A command line that calls itself <strong>{escape(wanted.title)}</strong> wants to act as
<strong>{escape(name)}</strong>: everything that you may do, until its token is revoked.</p>
<p>Its terminal shows this, too: <code>{check_of(wanted.challenge)}</code></p>
<p>Did you run <code>carrel login</code> just now, and is it the same there? If not, close this page: somebody
else may want to be you.</p>
<form method="post" action="{escape(asked.own_path)}"><button type="submit">Allow</button> {refuse}</form>"""


def _code_to_paste(asked: Asked, code: Secret) -> str:
    return f"""<p><code>{code.reveal()}</code></p>
<p>Only in the terminal in which you ran <code>carrel login</code>, the one that shows
<code>{check_of(asked.challenge)}</code>. Whoever else asks you for it wants to be you. It works once, for five minutes.</p>"""


async def _refusal(request: Request, problem: Problem) -> Response:
    """What a person at a browser reads; a program gets the problem itself."""
    if "text/html" not in request.headers.get("accept", ""):
        raise problem
    await refused(request, problem)
    body = f"<p>{escape(problem.detail)}</p><p>{escape(str(problem.document()['hint']))}</p>"
    return _page(problem.title, body, status=problem.status)


def _page(title: str, body: str, port: str = "", status: int = 200) -> Response:
    """A page of ours without scripts; a form on it may lead to the port where the command line listens."""
    html = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{escape(title)}</title><style>{_STYLE}</style></head>
<body><h1>{escape(title)}</h1>
{body}</body></html>
"""
    style = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    leads_to = f"'self' http://127.0.0.1:{int(port)}" if port else "'self'"
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; form-action {leads_to}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    # With `no-referrer`, as everywhere else, a browser would not say the origin of the form.
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(html, status, headers)
