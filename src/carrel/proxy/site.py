"""What a request to an app's host gets: the app, a page in its place, or the way to sign in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, urlencode

from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.core.workspace import Phase
from carrel.links.access import Authority, NotRunning
from carrel.proxy.activity import Activity
from carrel.proxy.answer import Answer, json_answer, problem_answer, redirect
from carrel.proxy.door import Admitted, Door
from carrel.proxy.exchange import is_repeatable
from carrel.proxy.head import RequestHead
from carrel.proxy.neighbours import JOIN, Wanted, is_preflight, neighbour, origin_fields, permission, way_back
from carrel.proxy.origin import is_navigation, may_come_from
from carrel.proxy.pages import (
    PHASE_WORDS,
    away_page,
    ended_page,
    problem_page,
    starting_page,
    stopped_page,
    waiting_page,
)
from carrel.proxy.siblings import PREFIX, Call, call_of
from carrel.proxy.upstream import Upstream
from carrel.proxy.upstreams import Unavailable, Upstreams

OWN_PATH = b"/.carrel/"
"""Paths on an app's host that are ours."""


@dataclass(frozen=True)
class Entrance:
    """The way into an app."""

    admitted: Admitted
    upstream: Upstream
    call: Call | None = None
    """The request is for another port of the workspace than the host's."""
    may_read: tuple[tuple[str, str], ...] = ()
    """Fields that let a neighbour's page read the answer."""


class Site:
    """Decides for all hosts of apps."""

    def __init__(self, authority: Authority, upstreams: Upstreams, activity: Activity, public_url: str) -> None:
        self._authority = authority
        self._upstreams = upstreams
        self._activity = activity
        self._dashboard = public_url.rstrip("/")
        self.scheme = b"https" if public_url.startswith("https:") else b"http"
        self._wanted = Wanted()
        self.door = Door(authority, secure=self.scheme == b"https")

    def enter_at_once(self, request: RequestHead) -> Entrance | None:
        """The way in where everything that has to be known is known: most requests. Otherwise `visit` decides."""
        if request.target.startswith(OWN_PATH):
            return None
        admitted = self.door.remembered(request)
        if admitted is None or not (admitted.is_anybody or may_come_from(request, self.scheme)):
            return None
        if self._wanted.is_wanting(request.host) and is_navigation(request):
            return None
        upstream = self._idle(admitted, request)
        if upstream is None:
            return None
        self._activity.on_request(admitted, request)
        return Entrance(admitted, upstream)

    async def visit(self, request: RequestHead, label: str, *, fresh: bool = False) -> Entrance | Answer:
        """Decide about a request; never raises a Problem.

        Args:
            request: what was asked.
            label: of the host.
            fresh: no idle connection to the app will do.
        """
        admitted = None
        page = b"" if is_navigation(request) else neighbour(request, self.scheme)
        if page:
            return await self._for_neighbour(request, label, page, fresh=fresh)
        try:
            if not may_come_from(request, self.scheme):
                # What is public needs nobody's ticket, so that no page can misuse one.
                admitted = await self.door.admit_anybody(request, label)
                if admitted is None:
                    return self.explain(request, Problem("bad_origin", "A page of another address asked for this."))
            elif request.method == b"GET" and request.target.startswith(OWN_PATH + b"ticket?"):
                return await self._take_ticket(request)
            admitted = admitted or self.door.remembered(request) or await self.door.admit(request, label)
            if admitted is None:
                return self._sign_in(request)
            if request.target.startswith(JOIN):
                return redirect(way_back(_query(request).get("to", ""), request.host, self.scheme))
            if admitted.identity.may_use and is_navigation(request):
                detour = self._wanted.detour(request, self.scheme)
                if detour:
                    return redirect(detour)
            if request.target.startswith(PREFIX):
                return await self._call(request, admitted)
            if request.target.startswith(OWN_PATH):
                return await self._own(request, admitted)
            self._activity.on_request(admitted, request)
            idle = None if fresh else self._idle(admitted, request)
            return Entrance(admitted, idle or await self._upstreams.open(admitted.place))
        except Unavailable as unavailable:
            return self._instead(request, unavailable.state, is_told=admitted is not None and admitted.identity.may_use)
        except Problem as problem:
            return self.explain(request, problem)

    async def _for_neighbour(self, request: RequestHead, label: str, page: bytes, *, fresh: bool) -> Entrance | Answer:
        """What a page of another port of the workspace gets: the app, and in any case an answer that it may read."""
        may_read = origin_fields(self.scheme, page)
        if is_preflight(request):
            return permission(request, self.scheme, page)
        try:
            admitted = self.door.remembered(request) or await self.door.admit(request, label)
            if admitted is None or request.target.startswith(OWN_PATH):
                hint = self._wanted.add(page, request.host)
                raise Problem("not_authenticated", "This page has no ticket for this port yet.", hint)  # noqa: TRY301
            self._activity.on_request(admitted, request)
            idle = None if fresh else self._idle(admitted, request)
            upstream = idle or await self._upstreams.open(admitted.place)
            return Entrance(admitted, upstream, may_read=may_read)
        except Unavailable:
            answer = problem_answer(Problem("not_running"), 503)
        except Problem as problem:
            answer = problem_answer(problem)
        return replace(answer, fields=answer.fields + may_read)

    async def _call(self, request: RequestHead, admitted: Admitted) -> Entrance:
        call = call_of(request, admitted)
        self._activity.on_request(call.admitted, request)
        return Entrance(call.admitted, await self._upstreams.open(call.admitted.place), call)

    def _idle(self, admitted: Admitted, request: RequestHead) -> Upstream | None:
        """A connection that was used before; a WebSocket gets one of its own."""
        if request.wants_websocket:
            return None
        return self._upstreams.take(admitted.place, repeatable=is_repeatable(request))

    def explain(self, request: RequestHead, problem: Problem) -> Answer:
        """A problem as a page for people, as a document for programs."""
        if problem.kind == "app_starting" and request.method == b"GET" and wants_page(request):
            return starting_page(problem)
        return problem_page(problem, self._dashboard) if wants_page(request) else problem_answer(problem)

    # --- signing in --------------------------------------------------------------------------------------------------

    def _sign_in(self, request: RequestHead) -> Answer:
        if not is_navigation(request):
            return problem_answer(Problem("not_authenticated", "This request carries no valid ticket for this app."))
        query = urlencode({"host": request.host.decode("latin-1"), "path": request.target.decode("latin-1")})
        return redirect(f"{self._dashboard}/app-login?{query}")

    async def _take_ticket(self, request: RequestHead) -> Answer:
        """Exchange the one-time code for the app's cookie, and go on to the page that was asked for first."""
        query = _query(request)
        ticket = await self._authority.redeem(query.get("code", ""), request.host.decode("latin-1"))
        onward = local_path(query.get("next", "/"))
        if ticket is None:
            return self._link_used(request, onward)
        secure = "; Secure" if self.scheme == b"https" else ""
        cookie = (
            f"{self.door.cookie.decode()}={ticket.value}; Path=/; Max-Age={ticket.max_age_seconds}"
            f"; HttpOnly; SameSite=Lax{secure}"
        )
        return redirect(onward, ("Set-Cookie", cookie))

    def _link_used(self, request: RequestHead, onward: str) -> Answer:
        if self.door.remembered(request) is not None:
            return redirect(onward)
        detail = "This link into the app was used before, or is too old."
        return self.explain(request, Problem("not_authenticated", detail, "Open the app from the dashboard again."))

    # --- our own paths -----------------------------------------------------------------------------------------------

    async def _own(self, request: RequestHead, admitted: Admitted) -> Answer:
        path = request.target.removeprefix(OWN_PATH).partition(b"?")[0]
        place = admitted.place
        if not admitted.identity.may_use:
            raise Problem("not_found", "There is no such page here.")
        if path == b"state" and request.method == b"GET":
            state = await self._authority.target(place.workspace)
            if not isinstance(state, NotRunning):
                return json_answer(
                    {"ready": True, "phase": Phase.RUNNING.value, "words": "", "detail": "", "will_run": True}
                )
            return json_answer(
                {
                    "ready": False,
                    "phase": state.phase.value,
                    "words": PHASE_WORDS[state.phase],
                    "detail": state.detail,
                    "will_run": state.will_run,
                }
            )
        if path == b"start" and request.method == b"POST":
            await self._authority.start(place.workspace, admitted.identity)
            self._activity.report(admitted, SignalKind.OPENED)
            return redirect(local_path(_query(request).get("next", "/")))
        raise Problem("not_found", "There is no such page here.")

    def _instead(self, request: RequestHead, state: NotRunning, *, is_told: bool) -> Answer:
        """What stands in for the app of a workspace that does not run; `is_told`: its state is this person's to know."""
        if not is_told:
            return away_page() if wants_page(request) else problem_answer(Problem("not_running"), 503)
        if not wants_page(request):
            detail = f"The workspace is {state.phase.value}. {state.detail}".strip()
            return problem_answer(Problem("not_running", detail, state.hint, {"phase": state.phase.value}), 503)
        if state.will_run:
            return waiting_page(state)
        if state.phase is Phase.STOPPED:
            return stopped_page(state, request.target.decode("latin-1") if request.method == b"GET" else "/")
        return ended_page(state, self._dashboard)


def _query(request: RequestHead) -> dict[str, str]:
    text = request.target.partition(b"?")[2].decode("latin-1")
    try:
        return dict(parse_qsl(text, max_num_fields=8))
    except ValueError as error:
        raise Problem("malformed_request", "The address has too many parameters.") from error


def wants_page(request: RequestHead) -> bool:
    """Whether a person looks at the answer."""
    return b"text/html" in request.field(b"accept").lower() and not request.wants_websocket


def local_path(path: str) -> str:
    """`path` if it stays on this host, else the root."""
    if len(path) > 8192 or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return quote(path, safe="/?&=%#:;,@!$'()*+-._~[]")
