"""Every row of the policy for every place that a setting can come from (untrusted-input.md): refused, limited, stopped, or not read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.unit.devcontainer.compose import compose_repository
from tests.unit.devcontainer.policy_cases import ORIGINS, TABLE
from tests.unit.devcontainer.policy_wishes import Case, Limited, Refused, Stopped, Unread
from tests.unit.devcontainer.repository import CONFIG, REQUEST, Image, Published, labelled, planned

from carrel.core.problems import Problem
from carrel.core.spec import ContainerSpec, Limits
from carrel.devcontainer import EnvironmentPlan, complete
from carrel.devcontainer.compose.keys import KEYS
from carrel.devcontainer.metadata import LABEL
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.policy import FLAGS, RULES

FEATURE = "ghcr.io/c/x:1"
SIZE = Limits(cpus=2, memory_bytes=2**30)
PLACES = {
    "config": (f"{CONFIG}:1", CONFIG),
    "feature": (f"feature {FEATURE}",),
    "image": ("image base",),
    "compose": (".devcontainer/docker-compose.yml",),
}


async def asked(origin: str, case: Case, *grants: str, service: str = "app") -> EnvironmentPlan:
    """The plan when `origin` has the wish."""
    policy = replace(REQUEST.policy, granted=frozenset(grants))
    request = replace(REQUEST, policy=policy, limits=SIZE)
    if origin == "compose":
        assert isinstance(case.wish, str)
        image = "" if case.wish.startswith(("image:", "build:")) else "    image: base\n"
        other = "db" if service == "app" else "app"
        text = f"services:\n  {other}: {{image: other}}\n  {service}:\n{image}    {case.wish}\n{case.top}\n"
        files = {compose_repository.FILE: text, **case.files}
        return await compose_repository.planned(files, request=request, granted=frozenset(grants))
    assert isinstance(case.wish, dict)
    if origin == "image":
        return await planned({}, request, labelled(case.wish), case.files)
    if origin == "feature":
        published = Published({FEATURE: {"id": "x", "version": "1", **case.wish}})
        return await planned({"features": {FEATURE: {}}}, request, None, case.files, published)
    return await planned(case.wish, request, None, case.files)


def effects(made: EnvironmentPlan) -> Any:
    """All that the engine and the agent would be told, without what only records the wish itself."""
    containers = [
        replace(one, image="", labels={k: v for k, v in one.labels.items() if k != LABEL}) for one in made.containers
    ]
    steps = [
        (step.context, dict(step.args), step.cache_from, dict(step.options), step.target) for step in made.build.steps
    ]
    volumes = sorted(volume.name for volume in made.volumes)
    return containers, steps, volumes, made.agent, made.build.pulls


def nothing(origin: str, case: Case) -> Case:
    """The same without the wish."""
    if origin == "compose":
        return Case("build: ." if str(case.wish).startswith("build:") else "volumes: []", files=case.files)
    if isinstance(case.wish, dict) and "build" in case.wish and origin == "config":
        return Case({"build": {"dockerfile": "Dockerfile"}}, files=case.files)
    return Case({}, files=case.files)


def cases(kind: type[Case]) -> list[Any]:
    return [
        pytest.param(row, origin, case, id=f"{row}-{origin}-{number}")
        for row, by_origin in TABLE.items()
        for origin, listed in by_origin.items()
        for number, case in enumerate(listed)
        if type(case) is kind
    ]


def container_of(made: EnvironmentPlan, origin: str, service: str) -> ContainerSpec:
    return compose_repository.container(made, service) if origin == "compose" else made.primary_container()


def services(origin: str) -> tuple[str, ...]:
    return ("app", "db") if origin == "compose" else ("app",)


def check_place(notice: Notice, origin: str) -> None:
    assert notice.place.startswith(PLACES[origin]), notice
    if origin == "compose":
        assert notice.place.rpartition(":")[2].isdigit() or notice.origin == "Compose", notice


def test_every_row_has_every_origin() -> None:
    """A new row needs a test for each place that it can come from, or a wish that shows that the place has no such setting."""
    assert set(TABLE) == set(RULES)
    for row, by_origin in TABLE.items():
        assert set(by_origin) == set(ORIGINS), row
        assert all(by_origin[origin] for origin in ORIGINS), row


def test_every_flag_and_every_key_under_the_policy_is_in_a_case() -> None:
    text = json.dumps([case.wish for by in TABLE.values() for listed in by.values() for case in listed] + [
        case.top for by in TABLE.values() for listed in by.values() for case in listed
    ])  # fmt: skip
    judged = [key for key, row in KEYS.items() if row.treatment == "policy"]
    assert [key for key in judged if f"{key}:" not in text] == []
    ignored = [
        flag for flag, note in FLAGS.items() if note.startswith(("ignored", "always", "allowed", "like containerUser"))
    ]
    short = {"volume": "-v", "label": "-l"}
    assert [f for f in FLAGS if f not in ignored and f"--{f}" not in text and short.get(f, "--") not in text] == []


@pytest.mark.conformance("C140", "C157", "C158", "C167", "C176", "C195", "C286", "C458", "C460")
@pytest.mark.parametrize(("row", "origin", "case"), cases(Refused))
async def test_what_is_refused_is_named_and_changes_nothing_else(row: str, origin: str, case: Refused) -> None:
    rule = RULES[row]
    for service in services(origin):
        made = await asked(origin, case, service=service)
        refused = [one for one in made.notices if one.level == "refused"]
        assert refused, made.notices
        plain = await asked(origin, nothing(origin, case), service=service)
        if row == "volume":  # a plain volume of the workspace takes its place
            assert not [one for one in made.volumes if one.shared]
            assert not [mount for one in made.containers for mount in one.mounts if mount.subpath]
        else:
            assert effects(made) == effects(plain)
        for notice in refused:
            check_place(notice, origin)
            assert notice.who == rule.who
            assert (f"'{rule.grant}'" in notice.who) if rule.grant else notice.who == ""
        if rule.grant and row != "volume":
            allowed = await asked(origin, case, rule.grant, service=service)
            assert [one for one in allowed.notices if one.level == "refused"] == []
            assert container_of(allowed, origin, service).grants != container_of(plain, origin, service).grants
        others = tuple({one.grant for one in RULES.values() if one.grant} - {rule.grant})
        assert [one for one in (await asked(origin, case, *others, service=service)).notices if one.level == "refused"]


@pytest.mark.conformance("C075", "C155", "C161", "C165", "C166", "C414", "C419", "C420")
@pytest.mark.parametrize(("row", "origin", "case"), cases(Limited))
async def test_what_is_limited_keeps_what_is_allowed_of_it(
    row: str, origin: str, case: Limited, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert row in RULES
    monkeypatch.setenv("CARREL_TEST_SECRET", "of the server")
    for service in services(origin):
        made = await asked(origin, case, service=service)
        assert [one for one in made.notices if one.level == "refused"] == []
        assert case.got(made, container_of(made, origin, service)) == case.value
        assert "of the server" not in repr(made)


@pytest.mark.conformance("C134", "C135", "C185", "C186")
@pytest.mark.parametrize(("row", "origin", "case"), cases(Stopped))
async def test_what_cannot_be_left_out_is_a_problem_with_a_place(row: str, origin: str, case: Stopped) -> None:
    for service in services(origin):
        with pytest.raises(Problem) as caught:
            await asked(origin, case, service=service)
        problem = caught.value
        assert problem.kind == case.kind
        assert case.words in problem.detail
        assert problem.hint or problem.document().get("hint")
        if case.kind == "refused_by_policy":
            assert problem.extra.get("file"), problem
            assert problem.extra.get("property"), problem
    if RULES[row].grant and case.kind == "refused_by_policy" and "evil" in str(case):
        await asked(origin, case, RULES[row].grant)


@pytest.mark.conformance("C092", "C129", "C293")
@pytest.mark.parametrize(("row", "origin", "case"), cases(Unread))
async def test_a_place_without_such_a_setting_is_not_read_for_it(row: str, origin: str, case: Unread) -> None:
    assert row in RULES
    for service in services(origin):
        made = await asked(origin, case, service=service)
        plain = await asked(origin, nothing(origin, case), service=service)
        assert effects(made) == effects(plain)
        assert [one for one in made.notices if one.level == "refused"] == []


async def test_a_hostile_image_has_no_home_in_the_toolbox() -> None:
    image = Image(labels={LABEL: json.dumps({"remoteUser": "dev"})})
    made = await planned({}, REQUEST, image)
    for home in ("/opt/carrel/bin", "/opt", "/.carrel", "/proc/1", "/dev", "/", "relative", "/etc/carrel/x"):
        assert complete(made, image, f"dev:x:1000:1000::{home}:/bin/sh\n").home == "/home/dev"
