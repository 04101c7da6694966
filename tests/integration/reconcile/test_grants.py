"""Grants of a project: what an administrator allows for all of its workspaces."""

from __future__ import annotations

from carrel.core.spec import GitSource
from carrel.core.workspace import Workspace
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Making


def test_a_workspace_has_its_own_grants_those_of_its_project_and_those_of_every_project() -> None:
    grants = {"ml": frozenset({"devices:/dev/kvm"}), "*": frozenset({"capabilities:SYS_PTRACE"})}
    making = Making(DefaultImage("default:1"), grants=grants)
    workspace = Workspace("a", "u1", "ana", "blog", GitSource("https://example.org/x"), allow=("shared-volumes",))
    assert making.granted(workspace) == {"capabilities:SYS_PTRACE", "shared-volumes"}
    of_ml = Workspace("b", "u1", "ana", "train", GitSource("https://example.org/x"), project="ml")
    assert making.granted(of_ml) == {"capabilities:SYS_PTRACE", "devices:/dev/kvm"}
