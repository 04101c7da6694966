"""Every failure as `application/problem+json` (RFC 9457), in one place."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.routing import Match
from starlette.websockets import WebSocket

from carrel.core.problems import Problem
from carrel.server.api.refusals import refused

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_KINDS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 401: "not_authenticated", 403: "not_allowed"}


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    loc: list[str | int]
    msg: str


class ProblemDocument(BaseModel):
    """A failure: what happened, and what to do."""

    model_config = ConfigDict(extra="allow", title="Problem", use_attribute_docstrings=True)

    type: str = "about:blank"
    kind: str
    """Stable name; docs/reference/problems.md lists all."""
    title: str
    status: int
    hint: str = ""
    """What to do."""
    detail: str = ""
    """About this occurrence."""
    request_id: str = ""
    errors: list[FieldError] | None = None


def problem_response(problem: Problem, request_id: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    document = problem.document()
    if request_id:
        document["request_id"] = request_id
    headers = dict(headers or {})
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="carrel"'
    if "retry_after" in problem.extra:
        headers["Retry-After"] = str(problem.extra["retry_after"])
    return JSONResponse(document, problem.status, headers, MEDIA_TYPE)


async def deny(websocket: WebSocket, problem: Problem) -> None:
    """Answer a handshake with a problem."""
    await refused(websocket, problem)
    await websocket.send_denial_response(problem_response(problem, _request_id(websocket)))


def _request_id(connection: HTTPConnection) -> str:
    return str(connection.scope.get("state", {}).get("request_id", ""))


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101  it was registered for that
    if error.status >= 500:
        log.warning("request_failed", kind=error.kind, detail=error.detail, path=request.url.path)
    await refused(request, error)
    return problem_response(error, _request_id(request))


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  it was registered for that
    if isinstance(error.__cause__, Problem):  # raised while FastAPI read the body
        return await _on_problem(request, error.__cause__)
    kind = _KINDS.get(error.status_code, "bad_value")
    detail = f"{request.method} {request.url.path[:200]}" if error.status_code in {404, 405} else str(error.detail)
    hint = "docs/reference/api.md lists all resources." if error.status_code == 404 else ""
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem_response(Problem(kind, detail, hint=hint), _request_id(request), headers)


def _allowed(request: Request) -> list[str]:
    """The methods of a path; the framework names those of its first route only."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    return [m for m, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)]


async def _on_malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  it was registered for that
    errors = [_field_error(item) for item in error.errors()]
    first = errors[0] if errors else {"loc": [], "msg": ""}
    detail = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    in_body = any(item["loc"][:1] == ["body"] for item in errors)
    kind = "malformed_request" if in_body else "bad_value"
    return problem_response(Problem(kind, detail, extra={"errors": errors}), _request_id(request))


def _field_error(item: Any) -> dict[str, Any]:
    """Where and what; never the value, which may be a secret."""
    return {"loc": list(item["loc"]), "msg": str(item["msg"])}


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every failure of `app` with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_malformed)
