"""Pages that people see in place of an app: small, self-contained, nothing loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from html import escape
from typing import Final
from urllib.parse import quote

from carrel.core.problems import Problem
from carrel.core.workspace import Phase
from carrel.links.access import NotRunning
from carrel.proxy.answer import Answer, retry_after

_STYLE: Final = """
:root{color-scheme:light dark;--ground:#f7f7f5;--card:#fff;--ink:#23262a;--quiet:#5c636b;--line:#e2e3e0;--accent:#2f5d8a;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#16181b;--card:#1e2125;--ink:#e6e7e9;--quiet:#a2a9b1;--line:#30343a;--accent:#8db8e2;--on:#10202f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{width:min(34rem,100vw - 2rem);padding:2.25rem 2.5rem;background:var(--card);border:1px solid var(--line);border-radius:12px}
h1{margin:0 0 .75rem;font-size:1.35rem;line-height:1.3;font-weight:600}
p{margin:.5rem 0;color:var(--quiet);overflow-wrap:anywhere}
.name{color:var(--ink);font-weight:600}
form,.more{margin-top:1.5rem}
button,a.button{display:inline-block;padding:.55rem 1.1rem;border:0;border-radius:8px;background:var(--accent);color:var(--on);
font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
progress{width:100%;height:6px;margin-top:1.25rem;accent-color:var(--accent)}
code{font-family:ui-monospace,monospace;font-size:.92em}
"""
_POLL: Final = """
const words=document.getElementById("words"),detail=document.getElementById("detail");
async function look(){
  try{
    const answer=await fetch("/.carrel/state",{headers:{Accept:"application/json"},cache:"no-store"});
    if(!answer.ok){location.reload();return}
    const state=await answer.json();
    if(state.ready||!state.will_run){location.reload();return}
    if(words.textContent!==state.words)words.textContent=state.words;
    detail.textContent=state.detail;
  }catch{}
  setTimeout(look,1000);
}
setTimeout(look,500);
"""

PHASE_WORDS: Final[dict[Phase, str]] = {
    Phase.PENDING: "Waiting for its turn",
    Phase.CLONING: "Fetching the source",
    Phase.BUILDING: "Preparing the environment",
    Phase.STARTING: "Starting",
    Phase.RUNNING: "Almost there",
    Phase.STOPPING: "Stopping",
    Phase.STOPPED: "Stopped",
    Phase.DELETING: "Being deleted",
    Phase.DELETED: "In the trash",
    Phase.FAILED: "Failed",
}


def _digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


_POLICY: Final = (
    f"default-src 'none'; style-src {_digest(_STYLE)}; script-src {_digest(_POLL)}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)


def _page(status: int, title: str, content: str, *, polls: bool = False, refresh_seconds: int = 0) -> Answer:
    script = f"<script>{_POLL}</script>" if polls else ""
    refresh = '<noscript><meta http-equiv="refresh" content="5"></noscript>' if polls else ""
    if refresh_seconds:
        refresh = f'<meta http-equiv="refresh" content="{refresh_seconds}">'
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1">{refresh}<style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(title)}</h1>{content}</main>{script}</body></html>"
    )
    fields = [("Content-Security-Policy", _POLICY)]
    if polls:
        fields.append(("Retry-After", "1"))
    return Answer(status, html.encode(), "text/html; charset=utf-8", tuple(fields))


def _named(state: NotRunning) -> str:
    return f'<p class="name">{escape(state.title)}</p>' if state.title else ""


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""


def waiting_page(state: NotRunning) -> Answer:
    """The workspace is on its way: shows how far it is and goes on by itself."""
    return _page(
        503,
        "Your workspace is starting",
        f'{_named(state)}<p id="words" role="status" aria-live="polite">{PHASE_WORDS[state.phase]}</p>'
        f'<p id="detail">{escape(state.detail)}</p><progress aria-label="Starting"></progress>',
        polls=True,
    )


def starting_page(problem: Problem) -> Answer:
    """An app is on its way: shows how far it is, and asks again by itself."""
    content = (
        f'<p id="detail" role="status" aria-live="polite">{escape(problem.detail)}</p>'
        '<progress aria-label="Starting"></progress>'
    )
    return _page(503, problem.title, content, refresh_seconds=1)


def stopped_page(state: NotRunning, path: str) -> Answer:
    """The workspace is stopped: a person may start it; nothing starts by itself.

    Args:
        state: why it was stopped.
        path: where to go once it runs.
    """
    return _page(
        503,
        "This workspace is stopped",
        f"{_named(state)}{_paragraph(state.detail)}<p>Your files are kept.</p>"
        f'<form method="post" action="/.carrel/start?next={escape(quote(path, safe="/"))}">'
        "<button>Start it</button></form>",
    )


def ended_page(state: NotRunning, dashboard: str) -> Answer:
    """The workspace failed, or is going away."""
    titles = {Phase.FAILED: "This workspace could not be started", Phase.STOPPING: "This workspace is stopping"}
    title = titles.get(state.phase, "This workspace was deleted")
    content = _named(state) + _paragraph(state.detail) + _paragraph(state.hint) + _to_dashboard(dashboard)
    return _page(503, title, content)


def away_page() -> Answer:
    """The workspace does not run, and the visitor is one who was only shown this port: that is all he is told."""
    return _page(503, "This is not running now", _paragraph("Whoever shared it with you can start it again."))


def problem_page(problem: Problem, dashboard: str, status: int = 0) -> Answer:
    """A problem for people."""
    hint = problem.document()["hint"]
    content = _paragraph(problem.detail) + _paragraph(hint) + _to_dashboard(dashboard)
    page = _page(status or problem.status, problem.title, content)
    return replace(page, fields=page.fields + retry_after(problem))


def _to_dashboard(dashboard: str) -> str:
    return f'<p class="more"><a class="button" href="{escape(dashboard)}/">Open the dashboard</a></p>'
