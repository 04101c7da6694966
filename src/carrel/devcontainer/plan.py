"""The environment plan: from gathered inputs to a build plan, containers, volumes and the agent's plan. Pure.

inputs = await gather(request, files, inspect, registry)   # reads and asks; or raises a Problem
environment = plan(inputs)                                 # pure: the same inputs give the same plan
... build environment.build ...
environment = complete(environment, image_facts)           # pure: what only the built image says
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from carrel.core.agent import AgentPlan, CommandLine
from carrel.core.spec import (
    HOME_VOLUME,
    BuildPlan,
    ContainerSpec,
    FolderSource,
    VolumeSpec,
)
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.apps import apps_of, at_container
from carrel.devcontainer.build import ImagePlan, Users, plan_images
from carrel.devcontainer.compose.containers import Neighbours, neighbours, primary_ports
from carrel.devcontainer.compose.policy import judge_service
from carrel.devcontainer.compose.primary import compose_notices, primary_container
from carrel.devcontainer.compose.volumes import repository_targets
from carrel.devcontainer.customizations import Editor, editor_of
from carrel.devcontainer.declared_secrets import DeclaredSecret, declared_secrets
from carrel.devcontainer.dockerfile import KnownValues, dockerfile_user
from carrel.devcontainer.entries import metadata_entries, recorded_entries
from carrel.devcontainer.features.install import feature_warnings
from carrel.devcontainer.features.lockfile import lockfile_path
from carrel.devcontainer.features.options import option_notices
from carrel.devcontainer.hooks import commands_of, hooks_of, wait_for
from carrel.devcontainer.identity import devcontainer_id, labels_of
from carrel.devcontainer.inputs import ImageFacts, Inputs
from carrel.devcontainer.merge import merge
from carrel.devcontainer.metadata import Entry
from carrel.devcontainer.mount_plan import Wishes, mount_table, plan_mounts
from carrel.devcontainer.mounts import parse_mount
from carrel.devcontainer.notices import Notice, info, warning
from carrel.devcontainer.places import placed
from carrel.devcontainer.ports import app_ports, forward_ports
from carrel.devcontainer.properties import PROBES
from carrel.devcontainer.requirements import Requirements, requirements_of
from carrel.devcontainer.run_options import judge_run_args
from carrel.devcontainer.scalars import text_of
from carrel.devcontainer.untrusted import OWN, check_names, sound_entries, trust_notices
from carrel.devcontainer.users import checked_user, home_of, parse_passwd, user_name
from carrel.devcontainer.variable_names import usable
from carrel.devcontainer.variables import container_pass, id_pass, local_pass
from carrel.devcontainer.volumes import MountTable

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What an engine gives to processes of an image without PATH (C037)."""


@dataclass(frozen=True)
class EnvironmentPlan:
    """What has to be built and run for one workspace; plain data that `core.records` can dump and load."""

    build: BuildPlan
    containers: tuple[ContainerSpec, ...]
    volumes: tuple[VolumeSpec, ...]
    agent: AgentPlan
    image: str
    """What the primary container runs, and what the home volume is seeded from."""
    home: str
    """Home folder of the remote user: where the home volume is mounted."""
    primary: str = "main"
    name: str = ""
    """Display name from the configuration."""
    config_path: str = ""
    """The configuration that was used; empty: the repository has none."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    """The merged configuration, for display."""
    requirements: Requirements = Requirements()
    secrets: tuple[DeclaredSecret, ...] = ()
    initialize_command: Mapping[str, CommandLine] = field(default_factory=dict)
    """Never run on a host: skipped with a notice, or run in the source container by a caller that has one."""
    lockfile_path: str = ""
    lockfile: str | None = None
    """Text of the lockfile where it has to be written anew."""
    own_apps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What the configuration says about the platform's own apps, by name."""
    notices: tuple[Notice, ...] = ()
    recovery: str = ""
    """Why this is a recovery environment; empty: it is not."""

    def primary_container(self) -> ContainerSpec:
        """The container with the agent."""
        return next(one for one in self.containers if one.name == self.primary)


def plan(inputs: Inputs) -> EnvironmentPlan:
    """The plan for gathered inputs.

    Raises:
        Problem: `bad_configuration`, a value that only shows after merging is not usable.
    """
    configuration = inputs.configuration
    check_names(inputs)
    identity = devcontainer_id(labels_of(inputs.request.workspace_id, configuration.path))
    raw_entries = metadata_entries(inputs)
    sound, warnings = sound_entries(raw_entries)
    entries = [Entry(one.origin, id_pass(local_pass(dict(one.values), configuration.scope), identity)) for one in sound]
    values = id_pass(dict(configuration.values), identity)
    merged = merge(values, [one.values for one in entries])
    merged["remoteEnv"], unusable = usable(merged["remoteEnv"], "remoteEnv", OWN)
    allowance = Allowance(inputs.request.policy, inputs.request.local_env)
    allowance.judge_entries(entries)
    sysctls = _judge_source(inputs, allowance, values)
    users = users_of(inputs, merged, allowance.user)
    home = home_of(users.remote, parse_passwd(inputs.passwd), inputs.image.env)
    mounts = plan_mounts(inputs, Wishes(merged, sound, identity), allowance, home)
    requirements = _requirements(inputs, merged, allowance)
    images = plan_images(inputs, recorded_entries(inputs), users, merged)
    parts = _Parts(merged, allowance, mounts, images, users)
    container, others = _container(inputs, parts), Neighbours()
    if inputs.compose is not None:
        container = primary_container(inputs.compose, container, allowance, sysctls)
        container = replace(container, override_command=merged.get("overrideCommand") is True)
        others = neighbours(
            inputs.compose.project, inputs.compose.services, images.images, mount_table(inputs), inputs.request.limits
        )
    apps = apps_of(entries)
    agent = replace(_agent(inputs, merged, entries, users, home), apps=apps.apps)
    notices = (
        *configuration.notices, *inputs.notices, *_feature_notices(inputs), *images.notices, *warnings, *unusable, *trust_notices(entries),
        *allowance.notices, *apps.notices, *mounts.notices, *others.notices, *(compose_notices(inputs.compose) if inputs.compose else ()), *_initialize_notice(values),
    )  # fmt: skip
    environment = EnvironmentPlan(
        build=images.plan,
        containers=(container, *others.containers),
        volumes=tuple({**others.volumes, **mounts.volumes}.values()),
        agent=agent,
        image=images.image,
        home=home,
        primary=container.name,
        name=str(values.get("name") or ""),
        config_path=configuration.path if inputs.found else "",
        configuration=merged,
        requirements=requirements,
        secrets=declared_secrets(values),
        initialize_command=commands_of(values.get("initializeCommand"), "initializeCommand"),
        lockfile_path=lockfile_path(configuration.path) if inputs.lockfile is not None else "",
        lockfile=inputs.lockfile,
        own_apps=apps.adjusted,
        notices=placed(notices, inputs),
    )
    return environment if images.plan.steps else complete(environment, inputs.image)


def complete(environment: EnvironmentPlan, image: ImageFacts | Any, passwd: str = "") -> EnvironmentPlan:
    """The plan with what only the finished image says: `${containerEnv:X}`, and with a passwd text the home folder.

    Args:
        environment: a plan whose image is built.
        image: facts of `environment.image`, of which `env` is read.
        passwd: the image's /etc/passwd where the caller knows it.
    """
    container = environment.primary_container()
    env = {"PATH": DEFAULT_PATH, **image.env, **container.env}
    agent = environment.agent
    hooks = tuple(replace(hook, commands=_commands(container_pass(_plain(hook.commands), env))) for hook in agent.hooks)
    apps = tuple(at_container(app, env) for app in agent.apps)
    agent = replace(agent, remote_env=container_pass(dict(agent.remote_env), env), hooks=hooks, apps=apps)
    completed = replace(environment, agent=agent)
    return _at_home(completed, home_of(agent.remote_user, parse_passwd(passwd), image.env)) if passwd else completed


def _plain(commands: Mapping[str, CommandLine]) -> dict[str, Any]:
    return {name: command if isinstance(command, str) else list(command) for name, command in commands.items()}


def _commands(values: Mapping[str, Any]) -> dict[str, CommandLine]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def _at_home(environment: EnvironmentPlan, home: str) -> EnvironmentPlan:
    """The same plan with another home folder."""
    if home == environment.home:
        return environment
    old = environment.primary_container()
    mounts = tuple(
        replace(one, target=home) if one.source == HOME_VOLUME and one.target == environment.home else one
        for one in old.mounts
    )
    containers = tuple(replace(one, mounts=mounts) if one is old else one for one in environment.containers)
    owned = tuple(home if path == environment.home else path for path in environment.agent.owned_paths)
    return replace(environment, home=home, containers=containers, agent=replace(environment.agent, owned_paths=owned))


def users_of(inputs: Inputs, merged: Mapping[str, Any], run_user: str) -> Users:
    """Image, container and remote user (C144, C162, C163, C235, C352)."""
    image = inputs.image.user or "root"
    if inputs.build is not None:
        settings = inputs.build.settings
        known = KnownValues(settings.args, inputs.image.env, {})
        image = dockerfile_user(inputs.build.dockerfile, known, settings.target) or image
    written = str(merged.get("containerUser") or "")
    wanted = written or run_user if inputs.compose is not None else run_user or written
    container = wanted or image
    remote = user_name(str(merged.get("remoteUser") or "") or container)
    return Users(
        checked_user(image, "The image's USER"),
        checked_user(container, "containerUser"),
        checked_user(remote, "remoteUser"),
    )


def _judge_source(inputs: Inputs, allowance: Allowance, values: Mapping[str, Any]) -> dict[str, str]:
    """runArgs, or what the service says in their place; the sysctls that are allowed."""
    run_args = values.get("runArgs") or ()
    if inputs.compose is None:
        judge_run_args(allowance, run_args)
        return {}
    if run_args:
        allowance.notices.append(info("runArgs", "has no effect with dockerComposeFile"))
    return judge_service(allowance, inputs.compose.primary)


def _requirements(inputs: Inputs, merged: Mapping[str, Any], allowance: Allowance) -> Requirements:
    """The wishes of hostRequirements against workspace and machine: a warning where they are smaller (C414, D24, D25)."""
    wanted = requirements_of(merged.get("hostRequirements"))
    request = inputs.request
    cpus = _least(request.limits.cpus, request.machine_cpus)
    memory = _least(request.limits.memory_bytes, request.machine_memory_bytes)
    for name, asked, there in (
        ("cpus", wanted.cpus, cpus),
        ("memory", wanted.memory_bytes, memory),
        ("storage", wanted.storage_bytes, request.machine_disk_bytes),
    ):
        if there and asked > there:
            unit = "" if name == "cpus" else " bytes"
            text = f"asks for {asked}{unit}, the workspace has {there:.12g}"
            allowance.notices.append(warning(f"hostRequirements.{name}", text))
    if wanted.gpu:
        allowance.want_gpus(1, "hostRequirements.gpu", "devcontainer.json", optional=wanted.gpu_optional)
    return wanted


def _least(limit: float | None, machine: float) -> float:
    """The smaller of a limit and what the machine has; 0 where neither is known."""
    return min([value for value in (limit, machine) if value], default=0)


@dataclass(frozen=True)
class _Parts:
    merged: Mapping[str, Any]
    allowance: Allowance
    mounts: MountTable
    images: ImagePlan
    users: Users


def _container(inputs: Inputs, parts: _Parts) -> ContainerSpec:
    allowance, merged = parts.allowance, parts.merged
    limits = inputs.request.limits
    written = {str(key): text_of(value) for key, value in (merged.get("containerEnv") or {}).items()}
    env, refused = usable({**written, **allowance.env}, "containerEnv", "devcontainer.json")
    allowance.notices += refused
    return ContainerSpec(
        name="main",
        image=parts.images.image,
        user=parts.users.container,
        working_dir=allowance.working_dir,
        env=env,
        mounts=tuple(parts.mounts.mounts),
        limits=replace(
            limits, shm_bytes=allowance.shm_bytes or limits.shm_bytes, gpus=max(limits.gpus, allowance.gpus)
        ),
        grants=allowance.grants(),
        hostname=allowance.hostname,
        extra_hosts=tuple(allowance.extra_hosts),
        ulimits=dict(allowance.ulimits),
        labels={**allowance.labels, **parts.images.labels},
        override_command=merged.get("overrideCommand") is not False,
        feature_entrypoints=tuple(str(one) for one in merged.get("entrypoints") or ()),
    )


def _agent(inputs: Inputs, merged: Mapping[str, Any], entries: Sequence[Entry], users: Users, home: str) -> AgentPlan:
    editor: Editor = editor_of(merged)
    probe = merged.get("userEnvProbe")
    if probe not in PROBES:
        probe = "loginInteractiveShell"
    ports = {key: value for key, value in (merged.get("portsAttributes") or {}).items() if isinstance(value, Mapping)}
    if isinstance(merged.get("otherPortsAttributes"), Mapping):
        ports["*"] = merged["otherPortsAttributes"]
    published = primary_ports(inputs.compose.primary) if inputs.compose is not None else ()
    forwarded = (*forward_ports([*(merged.get("forwardPorts") or ()), *published]), *app_ports(merged.get("appPort")))
    return AgentPlan(
        remote_user=users.remote,
        workspace_folder=inputs.configuration.workspace.folder,
        remote_env={key: None if value is None else text_of(value) for key, value in merged["remoteEnv"].items()},
        user_env_probe=cast("Any", probe),
        hooks=hooks_of(entries),
        wait_for=wait_for(merged.get("waitFor")),
        owned_paths=_owned_paths(inputs, home),
        editor_extensions=editor.extensions,
        editor_settings=editor.settings,
        ports=ports,
        forward_ports=tuple(dict.fromkeys(forwarded)),
    )


def _owned_paths(inputs: Inputs, home: str) -> tuple[str, ...]:
    """Volumes belong to the remote user; a local folder keeps its owner."""
    if inputs.compose is not None and not isinstance(inputs.request.source, FolderSource):
        compose, folder = inputs.compose, inputs.configuration.workspace.folder
        return (home, *repository_targets(compose.project, compose.primary, inputs.request.place, folder))
    mount = inputs.configuration.workspace.mount
    if isinstance(inputs.request.source, FolderSource) or not mount:
        return (home,)
    return (home, posixpath.normpath(parse_mount(mount, "workspaceMount").target))


def _feature_notices(inputs: Inputs) -> list[Notice]:
    notices: list[Notice] = []
    for feature in inputs.features:
        notices += option_notices(feature.name, feature.declared, feature.given)
        notices += [
            warning(f"features.{feature.name}", text, f"feature {feature.name}") for text in feature_warnings(feature)
        ]
    return notices


def _initialize_notice(values: Mapping[str, Any]) -> list[Notice]:
    if not commands_of(values.get("initializeCommand"), "initializeCommand"):
        return []
    return [warning("initializeCommand", "would run on the machine that holds the source; it is not run")]
