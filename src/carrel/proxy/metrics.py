"""Figures of the proxy for Prometheus: plain counters on the hot path, turned into metrics when they are asked for."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from carrel.proxy.exchange import Exchange
from carrel.proxy.tunnel import Tunnel

LATENCY_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class ProxyMetrics(Collector):
    """What passed through one proxy."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._requests: Counter[int] = Counter()
        self._answers: Counter[int] = Counter()
        self._refused: Counter[int] = Counter()
        self._bytes_in = 0
        self._bytes_out = 0
        self._open = 0
        self._tunnels = 0
        self._tunnels_opened = 0
        self._latency = [0] * (len(LATENCY_SECONDS) + 1)
        self._latency_sum = 0.0
        if registry is not None:
            registry.register(self)

    def on_begin(self) -> None:
        """A request goes to an app."""
        self._open += 1

    def on_end(self, exchange: Exchange) -> None:
        """Its response is complete, or will never be (status 0: there was none)."""
        self._open -= 1
        self._requests[exchange.status] += 1
        self._bytes_in += exchange.bytes_in
        self._bytes_out += exchange.bytes_out
        seconds = time.monotonic() - exchange.began_at
        self._latency[bisect_left(LATENCY_SECONDS, seconds)] += 1
        self._latency_sum += seconds

    def on_switch(self, exchange: Exchange) -> None:
        """A request became a WebSocket."""
        self.on_end(exchange)
        self._tunnels += 1
        self._tunnels_opened += 1

    def on_tunnel_end(self, tunnel: Tunnel) -> None:
        """A WebSocket ended."""
        self._tunnels -= 1
        self._bytes_in += tunnel.bytes_in
        self._bytes_out += tunnel.bytes_out

    def on_answer(self, status: int) -> None:
        """The proxy itself answered."""
        self._answers[status] += 1

    def on_refused(self, status: int) -> None:
        """A request was malformed, or too slow."""
        self._refused[status] += 1

    def collect(self) -> Iterator[Metric]:
        """The figures, now."""
        yield _by_status("carrel_proxy_requests", "Requests that went to apps.", self._requests)
        yield _by_status("carrel_proxy_answers", "Requests that the proxy answered itself.", self._answers)
        yield _by_status("carrel_proxy_refused", "Requests that were malformed or too slow.", self._refused)
        moved = CounterMetricFamily("carrel_proxy_bytes", "Bytes of bodies and WebSockets.", labels=["direction"])
        moved.add_metric(["in"], self._bytes_in)
        moved.add_metric(["out"], self._bytes_out)
        yield moved
        yield GaugeMetricFamily("carrel_proxy_open_requests", "Requests under way.", value=self._open)
        yield GaugeMetricFamily("carrel_proxy_open_websockets", "WebSockets open.", value=self._tunnels)
        yield CounterMetricFamily("carrel_proxy_websockets", "WebSockets opened.", value=self._tunnels_opened)
        yield self._histogram()

    def _histogram(self) -> HistogramMetricFamily:
        total, buckets = 0, []
        for bound, count in zip((*map(str, LATENCY_SECONDS), "+Inf"), self._latency, strict=True):
            total += count
            buckets.append((bound, float(total)))
        return HistogramMetricFamily(
            "carrel_proxy_request_seconds",
            "From a request's head to the end of its response.",
            buckets=buckets,
            sum_value=self._latency_sum,
        )


def _by_status(name: str, text: str, counts: Counter[int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=["status"])
    for status, count in sorted(counts.items()):
        family.add_metric([str(status)], count)
    return family
