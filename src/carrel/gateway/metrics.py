"""Figures of the gateway for Prometheus, summed when they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from carrel.gateway.splice import Moved


class GatewayMetrics(Collector):
    """What passed through one gateway."""

    def __init__(self, open_now: Callable[[], Iterable[Moved]], registry: CollectorRegistry | None = None) -> None:
        self._open_now = open_now
        self._ended = Moved()
        self._connections = 0
        self._logins: Counter[str] = Counter()
        if registry is not None:
            registry.register(self)

    def on_connection(self, change: int) -> None:
        """A connection came (1) or went (-1)."""
        self._connections += change

    def on_login(self, result: str) -> None:
        """`known`, `unknown` (no key was accepted) or `refused` (limits)."""
        self._logins[result] += 1

    def on_end(self, moved: Moved) -> None:
        """A splice ended."""
        self._ended.to_workspace += moved.to_workspace
        self._ended.to_client += moved.to_client
        self._ended.opened += moved.opened

    def collect(self) -> Iterator[Metric]:
        """The figures, now."""
        all_moved = [self._ended, *self._open_now()]
        yield GaugeMetricFamily("carrel_gateway_connections", "SSH connections.", value=self._connections)
        logins = CounterMetricFamily("carrel_gateway_logins", "SSH connections by who came.", labels=["result"])
        for result, count in sorted(self._logins.items()):
            logins.add_metric([result], count)
        yield logins
        open_channels = sum(moved.open for moved in all_moved)
        yield GaugeMetricFamily("carrel_gateway_open_channels", "Channels open.", value=open_channels)
        opened = sum(moved.opened for moved in all_moved)
        yield CounterMetricFamily("carrel_gateway_channels", "Channels opened.", value=opened)
        moved_bytes = CounterMetricFamily("carrel_gateway_bytes", "Bytes of packets.", labels=["direction"])
        moved_bytes.add_metric(["in"], sum(moved.to_workspace for moved in all_moved))
        moved_bytes.add_metric(["out"], sum(moved.to_client for moved in all_moved))
        yield moved_bytes
