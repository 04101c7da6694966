"""Steps of a start: toolbox, containers, agent."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from carrel.core.agent import AgentPlan, AgentState
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.runtimes.contract import ContainerState
from carrel.server.reconcile.context import DONE, StepContext, StepResult
from carrel.server.reconcile.environment import Environment
from carrel.server.reconcile.observe import describe_end, ended_by_itself
from carrel.server.reconcile.prebuild import prebuild_plan
from carrel.server.reconcile.steps.containers import home_was_filled

RESTARTS = 3
"""How often containers that end by themselves are started again in one start."""


async def ensure_toolbox(context: StepContext) -> StepResult:
    """Have the toolbox of this version; the workspace keeps it until its next start."""
    name = await context.runtime.has_toolbox()
    if name is None:
        context.log("toolbox")("Building the toolbox; this happens once for each version of Carrel.")
        name = await context.runtime.ensure_toolbox(context.log("toolbox"))
    return StepResult(remembered=replace(context.workspace.remembered, toolbox=name))


async def start_containers(context: StepContext) -> StepResult:
    """Put the boot files in place and start, dependencies first."""
    workspace, seen = context.workspace, context.seen
    if seen.spec is None:
        return DONE
    await context.environments.credentials.check_secrets(workspace)
    events: tuple[Event, ...] = ()
    restarts = workspace.remembered.restarts if workspace.remembered.started == workspace.start else 0
    if ended_by_itself(workspace, seen):
        problem = describe_end(seen)
        if restarts >= RESTARTS:
            words = await context.runtime.container_log(workspace.ref(), seen.spec.primary, tail_lines=20)
            raise Problem("container_failed", f"{problem.detail} Its last words:\n{words}")
        restarts += 1
        events = tuple(
            Event(
                "container_ended",
                {"container": c.name, "exit_code": c.exit_code, "out_of_memory": c.out_of_memory},
            )
            for c in seen.runtime.containers
            if c.state is ContainerState.EXITED and not c.throw_away
        )
    primary = next((c for c in seen.runtime.containers if c.name == seen.spec.primary), None)
    boot = await context.agents.boot_files(workspace, primary.creation if primary else "")
    await context.runtime.start(seen.spec, boot, context.log("start"))
    memory = replace(await home_was_filled(context, seen.spec), started=workspace.start, restarts=restarts)
    return StepResult(remembered=memory, events=(*events, Event("started", {"start": workspace.start})))


async def await_agent(context: StepContext) -> StepResult:
    """Tell the agent to begin, and wait until people can work (`waitFor`)."""
    workspace, seen = context.workspace, context.seen
    if seen.environment is None or seen.runtime.endpoint is None:
        return DONE
    session = await context.environments.credentials.session(workspace)
    plan, files = seen.environment.agent_plan(session), set(seen.environment.extensions(session).values())
    if workspace.is_prebuild:
        plan, files = prebuild_plan(plan), set()
    operation = f"{workspace.id}:{workspace.start}:{seen.environment.digest}"
    try:
        await context.agents.begin(workspace, seen.runtime.endpoint, operation, plan)
        async for status in context.agents.watch(workspace, seen.runtime.endpoint):
            memory = await context.agents.copy_logs(workspace, seen.runtime.endpoint, status, context.log)
            workspace = replace(workspace, remembered=memory)
            if files and status.home:
                await context.agents.bring_extensions(workspace, seen.runtime.endpoint, status.home, files)
                files = set()
            if status.state is AgentState.READY:
                if seen.environment.plan.config_path in status.configuration_changed:
                    await _follow_configuration(context, seen.environment, plan, operation)
                break
    except Problem as problem:
        if problem.kind != "agent_unreachable":
            raise
        raise await _why_unreachable(context, problem) from problem
    missing = tuple(missing_event(secret) for secret in seen.environment.missing_secrets(session))
    return StepResult(remembered=replace(workspace.remembered, endpoint=seen.runtime.endpoint), events=missing)


async def _follow_configuration(
    context: StepContext, environment: Environment, plan: AgentPlan, operation: str
) -> None:
    """Give people's processes `remoteEnv` as an edited configuration has it; the rest waits for a rebuild (C365)."""
    endpoint = context.seen.runtime.endpoint
    place = next((one.place for one in plan.configuration if one.name == environment.plan.config_path), "")
    content = await context.agents.read(context.workspace, endpoint, place) if endpoint and place else None
    if content is None or endpoint is None:
        return
    try:
        now = await context.environments.remote_env(context.workspace, environment, context.runtime, content)
    except Problem as problem:
        context.log("start")(f"The edited {environment.plan.config_path} cannot be read: {problem}")
        return
    if now != dict(plan.remote_env):
        again = f"{operation}:{hashlib.sha256(content).hexdigest()[:12]}"
        await context.agents.begin(context.workspace, endpoint, again, replace(plan, remote_env=now))


def missing_event(secret: DeclaredSecret) -> Event:
    """How it is told that a secret which the repository would like to have is not set."""
    detail = f"is not set. {secret.description}".strip()
    who = f"`carrel secret set {secret.name} --workspace NAME`, then `carrel restart NAME`"
    return Event("notice", {"level": "warning", "subject": f"secrets.{secret.name}", "detail": detail, "who": who})


async def _why_unreachable(context: StepContext, problem: Problem) -> Problem:
    """The container's own end is a better answer than the agent's silence."""
    now = await context.runtime.observe(context.workspace.ref())
    spec = context.seen.spec
    primary = next((c for c in now.containers if spec is not None and c.name == spec.primary), None)
    if primary is None or primary.state is ContainerState.RUNNING:
        return problem
    words = await context.runtime.container_log(context.workspace.ref(), primary.name, tail_lines=20)
    return Problem(
        "agent_unreachable", f"The container ended with status {primary.exit_code} before its agent answered. {words}"
    )
