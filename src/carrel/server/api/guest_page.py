"""Where a guest link leads: the token is behind `#`, so only the browser has it, and a press on a button uses it."""

from __future__ import annotations

import base64
import hashlib

from fastapi import APIRouter
from starlette.responses import HTMLResponse

pages = APIRouter(include_in_schema=False)
"""An address that a browser goes to; not part of the API."""

_SCRIPT = """
const form = document.querySelector("form"), said = document.querySelector("p[role=status]");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = location.hash.slice(1);
  const headers = {"Content-Type": "application/json"};
  try {
    const answer = await fetch("/api/v1/session", {method: "POST", headers, body: JSON.stringify({token})});
    if (!answer.ok) throw new Error();
    const listed = await (await fetch("/api/v1/workspaces?limit=1")).json();
    location.replace(listed.items.length ? "/workspaces/" + listed.items[0].id : "/");
  } catch {
    said.textContent = "This link is over, or was taken back. Ask for a fresh one.";
  }
});
"""
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto 0; padding: 0 1rem; }
button { font: inherit; padding: .5rem 1.25rem; }
"""
_PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>Carrel: you are invited</title><style>{_STYLE}</style></head>
<body><h1>You are invited</h1>
<p>Somebody shares a workspace with you. People who work in it see that you are there. A sign-in of your own in this browser is
replaced.</p>
<form><button type="submit" autofocus>Come in as a guest</button></form>
<p role="status"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
<script>{_SCRIPT}</script></body></html>
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src {_hash(_SCRIPT)}",
        f"style-src {_hash(_STYLE)}",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


@pages.get("/guest")
async def guest_page() -> HTMLResponse:
    """Come in by a guest link."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})
