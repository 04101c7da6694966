from __future__ import annotations

from tests.contract.workbench import Wanted, Workbench, new_ref, up, workspace

from carrel.core.spec import Egress


async def test_a_workspace_reaches_outside_by_default(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    assert await bench.reaches_outside(spec.ref)


async def test_egress_none_leaves_no_way_out_and_the_agent_reachable(bench: Workbench) -> None:
    spec = workspace(bench, new_ref(), Wanted(egress=Egress.NONE))
    await up(bench, spec)
    assert not await bench.reaches_outside(spec.ref)
    assert (await bench.runtime.observe(spec.ref)).endpoint is not None
