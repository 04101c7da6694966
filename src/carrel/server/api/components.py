"""What proxies and gateways that are processes of their own ask (links/components.py); people have no business here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from hmac import compare_digest
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, StreamingResponse

from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.links.access import Revocation
from carrel.links.components import OPERATIONS, PATH, REVOCATIONS, SIGN_OF_LIFE_SECONDS, ComponentAuthority
from carrel.server.api.parts import Parts

router = APIRouter(prefix=PATH, include_in_schema=False)


async def _authority(request: Request) -> ComponentAuthority:
    """The control plane, for whoever shows the component token."""
    parts: Parts = request.app.state.parts
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    expected = parts.component_token.reveal()
    is_shown = scheme.lower() == "bearer" and compare_digest(shown.strip().encode(), expected.encode())
    if parts.components is None or not expected or not is_shown:
        hint = "Give the process the server's component token: docs/guides/scaling.md."
        raise Problem("not_authenticated", "This is for the installation's own processes.", hint)
    return parts.components


Component = Annotated[ComponentAuthority, Depends(_authority)]


@router.get(f"/{REVOCATIONS}")
async def revocations(request: Request, authority: Component) -> StreamingResponse:
    """What is revoked, as it happens."""
    return StreamingResponse(_lines(authority, request.app.state.parts.stopping), media_type="application/x-ndjson")


@router.post("/{operation}")
async def call(operation: str, request: Request, authority: Component) -> JSONResponse:
    """One call of the interface."""
    if operation not in OPERATIONS:
        raise Problem("not_found", "There is no such operation.", "The processes of an installation have one version.")
    try:
        arguments = OPERATIONS[operation].read((await request.json())["arguments"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Problem("malformed_request", str(error)[:200]) from error
    result = await getattr(authority, operation)(*arguments)
    return JSONResponse({"result": dump(result)})


async def _lines(authority: ComponentAuthority, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    """Revocations until the server ends, and empty lines in between as a sign of life."""
    told = authority.revocations()
    ended = asyncio.ensure_future(stopping.wait())
    coming: asyncio.Future[Revocation] = asyncio.ensure_future(_next(told))
    try:
        while not stopping.is_set():
            await asyncio.wait((coming, ended), timeout=SIGN_OF_LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                line: Any = json.dumps(dump(coming.result())).encode()
                coming = asyncio.ensure_future(_next(told))
                yield line + b"\n"
            else:
                yield b"\n"
    finally:
        ended.cancel()
        coming.cancel()
        await asyncio.gather(ended, coming, return_exceptions=True)


async def _next(told: AsyncIterator[Revocation]) -> Revocation:
    return await anext(told)
