"""Each test of this folder runs on every runtime."""

from __future__ import annotations

import pytest
from tests.contract.fake_bench import FakeBench
from tests.contract.workbench import Workbench


@pytest.fixture(params=["fake"])
async def bench(request: pytest.FixtureRequest) -> Workbench:
    fake = FakeBench()
    await fake.prepare()
    return fake
