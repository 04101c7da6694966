"""What the loop needs of the store, as it sees it (store/leases.py has it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from carrel.core.workspace import Workspace
from carrel.server.store.leases import Outcome


class LeaseStore(Protocol):
    """Claims, renewals and guarded records."""

    async def claim(self, limit: int, token: str, seconds: float) -> Sequence[Workspace]:
        """Workspaces that are due and not leased, now leased to `token`."""

    async def renew(self, workspace_id: str, token: str, seconds: float) -> Workspace | None:
        """The current workspace, its lease renewed; None: the lease is lost."""

    async def record(self, workspace_id: str, token: str, outcome: Outcome) -> bool:
        """Write the outcome if the lease still holds."""

    async def append_log(self, workspace_id: str, stream: str, text: str) -> None:
        """Append to a log stream."""

    async def wait_for_change(self, workspace_id: str) -> None:
        """Until somebody changed this workspace's intent (a wake-up; may come without cause)."""

    async def wait_for_work(self) -> None:
        """Until something may be due."""
