"""Rows of a measurement, and how they are printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Row:
    """One measurement: what, against which budget, and every run."""

    what: str
    unit: str = "s"
    budget: float | None = None
    """At most; None: it is there for comparison."""
    runs: list[float] = field(default_factory=list)
    by_p95: bool = False
    """Whether the budget is for the 95th percentile; else it is for the median."""

    @property
    def median(self) -> float:
        """Median of the runs."""
        return statistics.median(self.runs)

    @property
    def p95(self) -> float:
        """95th percentile of the runs (nearest rank)."""
        ordered = sorted(self.runs)
        return ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]

    @property
    def is_met(self) -> bool:
        """Whether it is within its budget; without one it is."""
        return self.budget is None or (self.p95 if self.by_p95 else self.median) <= self.budget

    def document(self) -> dict[str, object]:
        """As JSON values."""
        figures = {"median": round(self.median, 4), "p95": round(self.p95, 4), "runs": len(self.runs)}
        return {"what": self.what, "unit": self.unit, "budget": self.budget, **figures}

    def time(self, work: Callable[[], object]) -> None:
        """Add one run: the wall time of `work`, seconds."""
        began = time.perf_counter()
        work()
        self.runs.append(time.perf_counter() - began)


def print_table(title: str, rows: list[Row]) -> None:
    """Print rows as text."""
    print(f"\n{title}\n{'':52}{'median':>10}{'p95':>10}{'budget':>10}   runs")
    for row in rows:
        if not row.runs:
            print(f"{row.what:52}{'not measured here':>20}")
            continue
        budget = f"{row.budget:g}" if row.budget is not None else ""
        verdict = "" if row.budget is None else ("   met" if row.is_met else "   NOT MET")
        figures = f"{row.median:10.3f}{row.p95:10.3f}{budget:>10}"
        print(f"{row.what + ' (' + row.unit + ')':52}{figures}   {len(row.runs)}{verdict}")
