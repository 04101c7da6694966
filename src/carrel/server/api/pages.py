"""The web pages: built files with strict headers, index.html for every client route."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.status import HTTP_404_NOT_FOUND, HTTP_503_SERVICE_UNAVAILABLE
from starlette.types import Receive, Scope, Send

import carrel
from carrel.core.problems import Problem

NONCE_MARK = "__CSP_NONCE__"
LONG = "public, max-age=31536000, immutable"
MISSING = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Carrel</title></head>
<body><h1>The web pages are not built</h1>
<p>This server runs from a checkout without them. Run <code>make web</code>, then reload this page.</p>
<p>The API and the <code>carrel</code> command work without the pages.</p></body></html>
"""


def pages_folder() -> Path | None:
    """Folder of the built pages: in an installed wheel, else of the checkout; None where they are not built."""
    package = Path(carrel.__file__).parent
    for folder in (package / "_web", package.parent.parent / "web" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


def policy(nonce: str) -> str:
    """The content security policy of a page: everything from here, styles of the component library by nonce."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class Pages:
    """Serves the built pages of one folder, which is looked for until it is there."""

    def __init__(self, find: Callable[[], Path | None]) -> None:
        self._find_folder = find
        self._folder: Path | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what no route has: the router's default."""
        if scope["type"] != "http":
            await PlainTextResponse("", HTTP_404_NOT_FOUND)(scope, receive, send)
            return
        request = Request(scope, receive)
        response = await run_in_threadpool(self.serve, request.method, scope["path"])
        await response(scope, receive, send)

    def serve(self, method: str, path: str) -> Response:
        """A file, or the page for a client route; reads from the disk."""
        if path.removeprefix("/").partition("/")[0] in {"api", ".carrel"} or method not in {"GET", "HEAD"}:
            raise Problem("not_found", f"{method} {path[:200]}", hint="docs/reference/api.md lists all resources.")
        if self._folder is None:
            folder = self._find_folder()
            self._folder = folder.resolve() if folder else None
        if self._folder is None:
            return HTMLResponse(MISSING, HTTP_503_SERVICE_UNAVAILABLE)
        name = path.removeprefix("/")
        file = self._find(name)
        if file is None and "." in name.rsplit("/", 1)[-1]:
            raise Problem("not_found", f"There is no file {path[:200]}.", hint="")
        if file is None or file.name == "index.html":
            return self._index()
        is_hashed = name.startswith("assets/")
        return FileResponse(file, headers={"Cache-Control": LONG if is_hashed else "no-cache"})

    def _find(self, path: str) -> Path | None:
        """The file of a path inside the folder; None where there is none or the path leads out of it."""
        if self._folder is None or not path or "\0" in path:
            return None
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder) and file.is_file() else None

    def _index(self) -> Response:
        assert self._folder is not None  # noqa: S101  `serve` has looked
        nonce = secrets.token_urlsafe(16)
        html = (self._folder / "index.html").read_text(encoding="utf-8").replace(NONCE_MARK, nonce)
        headers = {"Content-Security-Policy": policy(nonce), "Cache-Control": "no-store"}
        return HTMLResponse(html, headers=headers)
