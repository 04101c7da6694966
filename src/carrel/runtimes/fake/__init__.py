"""The contract's reference: a deterministic runtime in memory, with faults and delays on demand."""

from carrel.runtimes.fake.engine import (
    Call,
    FakeContainer,
    FakeEngine,
    FakeImage,
    FakeRepository,
    FakeState,
    FakeVolume,
    Moment,
)
from carrel.runtimes.fake.runtime import FakeRuntime

__all__ = [
    "Call",
    "FakeContainer",
    "FakeEngine",
    "FakeImage",
    "FakeRepository",
    "FakeRuntime",
    "FakeState",
    "FakeVolume",
    "Moment",
]
