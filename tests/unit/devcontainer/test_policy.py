"""The policy table, row by row, for each place a setting can come from."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.devcontainer.repository import REQUEST, Published, granted, labelled, planned

from carrel.core.problems import Problem
from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.policy import RULES, project_grants

ORIGINS = ["devcontainer.json", "feature ghcr.io/c/x:1", "image"]


async def asked(origin: str, wish: dict[str, Any], *grants: str) -> EnvironmentPlan:
    """The plan when `origin` has the wish."""
    request = granted(*grants) if grants else REQUEST
    if origin == "image":
        return await planned({}, request, labelled(wish))
    if origin.startswith("feature"):
        published = Published({"ghcr.io/c/x:1": {"id": "x", "version": "1", **wish}})
        return await planned({"features": {"ghcr.io/c/x:1": {}}}, request, published=published)
    return await planned(wish, request)


@pytest.mark.conformance("C167", "C176", "C286", "C458")
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(
    ("rule", "wish", "grant", "field", "value"),
    [
        ("privileged", {"privileged": True}, "privileged", "privileged", True),
        ("capAdd", {"capAdd": ["SYS_PTRACE"]}, "capabilities", "capabilities", ("SYS_PTRACE",)),
        ("capAdd", {"capAdd": ["CAP_SYS_PTRACE"]}, "capabilities:SYS_PTRACE", "capabilities", ("SYS_PTRACE",)),
        (
            "securityOpt",
            {"securityOpt": ["seccomp=unconfined"]},
            "security-options",
            "security_options",
            ("seccomp=unconfined",),
        ),
    ],
)
async def test_a_privilege_is_refused_unless_granted(
    origin: str, rule: str, wish: dict[str, Any], grant: str, field: str, value: Any
) -> None:
    refused = await asked(origin, wish)
    assert not getattr(refused.primary_container().grants, field)
    (notice,) = refused.notices
    assert (notice.level, notice.origin) == ("refused", origin)
    assert notice.who == RULES[rule].who
    allowed = await asked(origin, wish, grant)
    assert getattr(allowed.primary_container().grants, field) == value
    assert allowed.notices == ()


@pytest.mark.conformance("C176", "C460")
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize(
    "source",
    ["/var/run/docker.sock", "/", "/etc/passwd", "/proc", "${localEnv:HOME}/.ssh", "${localWorkspaceFolder}/../x"],
)
async def test_a_bind_outside_the_repository_is_refused_from_everywhere_and_by_every_grant(
    origin: str, source: str
) -> None:
    wish = {"mounts": [{"type": "bind", "source": source, "target": "/x"}]}
    everything = ("privileged", "capabilities", "security-options", "devices", "shared-volumes")
    environment = await asked(origin, wish, *everything)
    assert all(mount.target != "/x" for mount in environment.primary_container().mounts)
    (notice,) = environment.notices
    assert (notice.level, notice.key, notice.origin, notice.who) == ("refused", "mounts[0]", origin, "")


@pytest.mark.parametrize("origin", ORIGINS)
async def test_a_named_volume_is_the_workspaces_own(origin: str) -> None:
    environment = await asked(origin, {"mounts": ["source=cache,target=/c,type=volume"]})
    assert {volume.name: volume.shared for volume in environment.volumes}["mount-cache"] is False
    shared = await asked(origin, {"mounts": ["source=cache,target=/c,type=volume"]}, "shared-volumes")
    assert {volume.name: volume.shared for volume in shared.volumes}["mount-cache"] is True


async def test_the_server_environment_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARREL_SECRET", "x")
    environment = await asked("image", {"containerEnv": {"A": "${localEnv:CARREL_SECRET}"}})
    assert environment.primary_container().env == {"A": ""}


@pytest.mark.conformance("C155")
async def test_ports_are_forwarded_and_never_published() -> None:
    environment = await planned({"appPort": ["8080:80"], "runArgs": ["-p", "80:80"]})
    assert environment.agent.forward_ports == ("80",)
    assert [notice.key for notice in environment.notices] == ["runArgs --publish"]


async def test_run_args_privileges_are_judged_like_properties() -> None:
    environment = await planned({"runArgs": ["--privileged", "--cap-add=SYS_ADMIN"], "privileged": True})
    assert not environment.primary_container().grants.privileged
    assert [notice.key for notice in environment.notices] == [
        "privileged",
        "runArgs --privileged",
        "runArgs --cap-add SYS_ADMIN",
    ]


def test_every_rule_says_who_can_grant_it() -> None:
    for rule in RULES.values():
        assert bool(rule.who) == bool(rule.grant)
        assert rule.grant in rule.who


def test_a_project_s_grants_are_read_and_nonsense_is_refused() -> None:
    read = project_grants(["ml=devices:/dev/kvm", "ml=privileged", "*=capabilities:SYS_PTRACE"])
    assert read == {"ml": {"devices:/dev/kvm", "privileged"}, "*": {"capabilities:SYS_PTRACE"}}
    for entry in ("privileged", "=privileged", "ml=", "ml=everything"):
        with pytest.raises(Problem) as refused:
            project_grants([entry])
        assert "capabilities" in refused.value.hint
