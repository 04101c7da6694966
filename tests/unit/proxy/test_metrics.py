"""Figures for Prometheus."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest

from carrel.proxy.metrics import ProxyMetrics


def exchange(status: int = 200, bytes_in: int = 0, bytes_out: int = 0, seconds: float = 0.0) -> Any:
    return SimpleNamespace(status=status, bytes_in=bytes_in, bytes_out=bytes_out, began_at=time.monotonic() - seconds)


def printed(registry: CollectorRegistry) -> list[str]:
    return generate_latest(registry).decode().splitlines()


def test_requests_are_counted_by_status_with_bytes_and_latency() -> None:
    registry = CollectorRegistry()
    metrics = ProxyMetrics(registry)
    for status, seconds in ((200, 0.0), (200, 0.3), (404, 20.0)):
        metrics.on_begin()
        metrics.on_end(exchange(status, 10, 100, seconds))
    lines = printed(registry)
    assert 'carrel_proxy_requests_total{status="200"} 2.0' in lines
    assert 'carrel_proxy_requests_total{status="404"} 1.0' in lines
    assert 'carrel_proxy_bytes_total{direction="in"} 30.0' in lines
    assert 'carrel_proxy_bytes_total{direction="out"} 300.0' in lines
    assert "carrel_proxy_open_requests 0.0" in lines
    assert 'carrel_proxy_request_seconds_bucket{le="0.001"} 1.0' in lines
    assert 'carrel_proxy_request_seconds_bucket{le="0.5"} 2.0' in lines
    assert 'carrel_proxy_request_seconds_bucket{le="+Inf"} 3.0' in lines


def test_a_websocket_is_open_until_it_ends() -> None:
    registry = CollectorRegistry()
    metrics = ProxyMetrics(registry)
    metrics.on_begin()
    metrics.on_switch(exchange(101))
    assert "carrel_proxy_open_websockets 1.0" in printed(registry)
    assert "carrel_proxy_open_requests 0.0" in printed(registry)
    tunnel: Any = SimpleNamespace(bytes_in=1, bytes_out=2)
    metrics.on_tunnel_end(tunnel)
    assert "carrel_proxy_open_websockets 0.0" in printed(registry)
    assert "carrel_proxy_websockets_total 1.0" in printed(registry)


def test_answers_and_refusals_are_counted_apart() -> None:
    registry = CollectorRegistry()
    metrics = ProxyMetrics(registry)
    metrics.on_answer(303)
    metrics.on_refused(400)
    assert 'carrel_proxy_answers_total{status="303"} 1.0' in printed(registry)
    assert 'carrel_proxy_refused_total{status="400"} 1.0' in printed(registry)
