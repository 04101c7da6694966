"""Figures for Prometheus."""

from __future__ import annotations

import time
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carrel.core.access import Action, Resource, demand
from carrel.core.workspace import Phase
from carrel.server.api.asking import Asking, WithParts
from carrel.server.store import figures

router = APIRouter(tags=["server"])
PREFIX = "/api/v1"
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """The figures of one application, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("carrel_http_requests", "HTTP requests.", labels, registry=self.registry)
        self.seconds = Histogram(
            "carrel_http_request_seconds",
            "Time until the answer began.",
            ("method", "route"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.workspaces = Gauge("carrel_workspaces", "Workspaces by phase.", ("phase",), registry=self.registry)
        self.overdue = Gauge(
            "carrel_overdue_seconds", "How long the longest waiting workspace is due.", registry=self.registry
        )


def _metrics(request: Request) -> Metrics:
    return cast("Metrics", request.app.state.metrics)


WithMetrics = Annotated[Metrics, Depends(_metrics)]


class MeasureRequests:
    """Counts and times requests, by route and not by path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; note when the answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, sending)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = getattr(route, "path", "") or "none"
        if scope["path"].startswith(f"{PREFIX}/") and path.startswith("/"):  # a route does not know its prefix
            path = PREFIX + path
        method = scope["method"] if scope["method"] in {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} else "other"
        self._metrics.requests.labels(method, path, str(status)).inc()
        self._metrics.seconds.labels(method, path).observe(seconds)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def get_metrics(parts: WithParts, actor: Asking, metrics: WithMetrics) -> Response:
    """Figures of the whole installation, in Prometheus' text form."""
    demand(actor, Action.SERVER_READ, Resource(""))
    async with parts.store.reading() as session:
        by_phase = await figures.count_by_phase(session)
        overdue = await figures.overdue_seconds(session)
    for phase in Phase:
        metrics.workspaces.labels(phase.value).set(by_phase.get(phase, 0))
    metrics.overdue.set(overdue)
    return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)
