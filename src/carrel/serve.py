"""The composition root: builds every part from settings and runs them. Nothing else knows all parts.

`python -m carrel.serve [--set NAME=VALUE]...` runs a server in the foreground; `carrel server` is its command.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import structlog
import uvloop
from fastapi import FastAPI

from carrel.core.accelerators import read_accelerators
from carrel.core.lifecycle import Step
from carrel.core.problems import Problem
from carrel.devcontainer.policy import project_grants
from carrel.gateway.server import GatewayServer, GatewaySettings
from carrel.links.authority import LinkAuthority
from carrel.links.pool import LinkPool
from carrel.proxy.listening import allow_many_sockets
from carrel.proxy.server import ProxyServer, ProxySettings
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import Capacity, Runtime, RuntimeInfo
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.server.actions.git_logins import GitLogins
from carrel.server.actions.housekeeping import keep_tidying
from carrel.server.actions.installation import HostKeys, InstallationKeys, ensure_installation
from carrel.server.actions.key_rotation import drop_old_keys, prepare_key, rotate_keys
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.actions.policies import defaults_of
from carrel.server.actions.scheduled import ScheduledStarts
from carrel.server.api.app import create_app
from carrel.server.api.parts import GatewaySummary, Parts, RuntimeSummary
from carrel.server.component_token import make_component_token
from carrel.server.live.components import ServerComponents
from carrel.server.live.presence import Presence
from carrel.server.live.questions import Questions
from carrel.server.live.targets import Targets
from carrel.server.live.workspaces import LinkedWorkspaces
from carrel.server.logs import configure_logs
from carrel.server.reconcile.advance import Advance
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.collection import keep_collecting
from carrel.server.reconcile.credentials import Choices, StoredCredentials, gallery_of
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.disk import keep_measuring
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.reconcile.extension_folder import ExtensionFolder
from carrel.server.reconcile.image_builds import ImageBuilds
from carrel.server.reconcile.inspection import Inspections
from carrel.server.reconcile.loop import Loop
from carrel.server.reconcile.machine import keep_machine, unasked_gpus
from carrel.server.reconcile.runtime_watch import RuntimeWatch
from carrel.server.reconcile.settle import Settle
from carrel.server.reconcile.steps import STEPS, Perform
from carrel.server.reconcile.template_sync import TemplateSync
from carrel.server.reconcile.workspace_images import WorkspaceImages
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store, utc_now
from carrel.server.store.keys import load_keys
from carrel.server.store.leases import Leases
from carrel.wiring import control_list, docker_settings, read_ca_bundle, registry_settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    settings: Settings
    app: FastAPI
    proxy: ProxyServer
    gateway: GatewayServer | None = None


def summary(watch: RuntimeWatch) -> RuntimeSummary:
    """What people may know of the runtime."""
    if watch.info is None:
        return RuntimeSummary("docker", problem=str(watch.problem or "It was not asked yet."))
    info = watch.info
    return RuntimeSummary(
        name=info.name,
        version=info.version,
        architecture=info.architecture,
        builder=info.builder,
        cpus=info.capacity.cpus,
        memory_bytes=info.capacity.memory_bytes,
        disk_bytes=info.capacity.disk_bytes,
        gpus=info.capacity.gpus,
        shares_folders=bool(info.shares_files_with),
        notices=info.notices,
    )


def gateway_summary(settings: Settings, gateway: GatewayServer | None) -> GatewaySummary:
    """What people may know of the way in by SSH; a gateway of its own process is known by `gateway_address` alone."""
    host, port = settings.ssh_address
    if gateway is None:
        return GatewaySummary(host, port) if settings.gateway_address and port else GatewaySummary(host)
    is_own = not settings.gateway_address.partition(":")[2]
    return GatewaySummary(host, gateway.port if is_own else port, gateway.problem)


@asynccontextmanager
async def running(
    settings: Settings, *, runtime: Runtime | None = None, steps: dict[Step, Perform] | None = None
) -> AsyncIterator[Server]:
    """A server from settings; the block's end is an orderly stop that leaves every workspace as it is.

    Args:
        settings: all of them.
        runtime: in the place of the Docker Engine.
        steps: in the place of the loop's own (tests that end the process at a boundary).

    Raises:
        Problem: `server_running`, `port_busy`, `unavailable`, `key_unknown`, `bad_value`.
    """
    async with AsyncExitStack() as stack:
        ca_bundle = read_ca_bundle(settings)
        store = await Store.open(settings.database_url, load_keys(Path(settings.key_file)))
        stack.push_async_callback(store.close)
        installation = await ensure_installation(store)
        if settings.mode == "local":
            await ensure_local_owner(store, settings.token_path)
        engine = runtime or DockerRuntime(docker_settings(settings, installation.id, ca_bundle))
        stack.push_async_callback(engine.close)
        links = LinkPool(LinkAuthority(installation.authority.private))
        stack.push_async_callback(links.close)
        logins = _logins(settings, store, links)
        leases = await stack.enter_async_context(Leases(store))
        await leases.take_up(is_alone=store.dialect == "sqlite")
        watch = RuntimeWatch(engine, leases, lambda info: keep_machine(store, settings, info))
        info = await watch.probe()

        host_keys = HostKeys(store)
        agents = Agents(links, LinkAuthority(installation.authority.private), host_keys)
        cache = BuildCache(engine, settings.build_cache, registry_settings(settings).credentials)
        stack.push_async_callback(cache.close)
        environments = _environments(settings, store, ca_bundle, info, cache, logins)
        settle = Settle(agents, utc_now, defaults_of(settings), ScheduledStarts(store, settings))
        idle_seconds = float(settings.step_idle_seconds)
        advance = Advance(leases, engine, agents, environments, steps or STEPS, settle, utc_now, idle_seconds)
        loop = Loop(
            leases,
            advance,
            parallel=settings.workers,
            lease_seconds=settings.lease_seconds,
            rescan_seconds=settings.rescan_seconds,
        )
        targets = Targets(links, host_keys)
        stopping = asyncio.Event()
        inspections = Inspections(environments, engine)
        image_builds = await stack.enter_async_context(ImageBuilds(environments, engine))
        live = LinkedWorkspaces(targets, Presence(store, targets))
        gateway: GatewayServer | None = None
        authority = ServerComponents(store, settings, targets, LinkAuthority(installation.authority.private))
        app = create_app(
            Parts(
                store,
                settings,
                live,
                inspections.look,
                lambda: summary(watch),
                stopping,
                lambda: gateway_summary(settings, gateway),
                authority,
                make_component_token(Path(settings.component_token_file)),
                image_building=image_builds,
            )
        )
        proxy = ProxyServer(
            ProxySettings(settings.host, settings.port, settings.public_url, settings.apps_domain),
            authority,
            links,
            app,
            app.state.metrics.registry,
        )
        await proxy.start()
        stack.push_async_callback(proxy.close)
        if settings.ssh_port is not None:
            gateway = GatewayServer(
                GatewaySettings(settings.gateway_host, settings.ssh_port),
                authority,
                links,
                app.state.metrics.registry,
            )
            await gateway.start_if_possible()
            stack.push_async_callback(gateway.close)
        stack.callback(store.wakeups.ring_all)
        stack.callback(stopping.set)
        keeping = (
            watch.keep_probing(),
            keep_collecting(store, engine, image_builds.kept),
            keep_tidying(store, settings.audit_days),
            keep_measuring(store, engine, settings.disk_measure_seconds),
            TemplateSync(store, settings, inspections).run(),
        )
        works = (loop.run(), watch.run(), *keeping, inspections.remove_left_over())
        stack.push_async_callback(_ended, [asyncio.create_task(work) for work in works])
        yield Server(settings, app, proxy, gateway)


def _logins(settings: Settings, store: Store, links: LinkPool) -> GitLogins:
    """Credentials of git hosts; what workspaces ask for them is heard on every link from now on."""
    logins = GitLogins(store, settings)
    links.on_link(Questions(store, settings, logins.renewed).hear)
    return logins


def _environments(
    settings: Settings,
    store: Store,
    ca_bundle: bytes | None,
    info: RuntimeInfo | None,
    cache: BuildCache,
    logins: GitLogins,
) -> Environments:
    registry = registry_settings(settings)
    making = Making(
        default_image=DefaultImage(settings.default_image),
        own_images=WorkspaceImages(settings.workspace_image),
        registry=registry,
        certificates=(ca_bundle or b"").decode(errors="replace"),
        builder=info.builder if info else "classic",
        capacity=info.capacity if info else Capacity(0, 0),
        max_gpus=unasked_gpus(settings),
        accelerators=read_accelerators(settings.accelerators),
        cache=cache if settings.build_cache else None,
        control=control_list(settings),
        grants=project_grants(settings.project_grants),
    )
    choices = Choices(
        hook_timeout_seconds=float(settings.hook_timeout_seconds or Choices.hook_timeout_seconds),
        editor_gallery=gallery_of(settings.extension_gallery),
        extensions=ExtensionFolder(Path(settings.extension_folder)),
    )
    return Environments(store, StoredCredentials(store, registry.credentials, choices, logins.renewed), making)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def announced(settings: Settings, port: int) -> AsyncIterator[None]:
    """The files by which the command line finds a local server: its address and its process id."""
    files = {
        settings.data_dir / "url": f"http://127.0.0.1:{port}" if settings.mode == "local" else settings.public_url,
        settings.data_dir / "pid": str(os.getpid()),
    }
    for path, text in files.items():
        path.write_text(text + "\n", encoding="ascii")
    try:
        yield
    finally:
        for path in files:
            path.unlink(missing_ok=True)


async def serve(settings: Settings) -> None:
    """Run a server until SIGTERM or SIGINT."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with running(settings) as server, announced(settings, server.proxy.port):
        log.info("listening", url=settings.public_url, data_dir=str(settings.data_dir))
        await ended.wait()
        log.info("stopping")


async def prepare_toolbox(settings: Settings, *, build: bool) -> str:
    """The name of this version's toolbox, built where it is not there and `build`; else a `not_found`.

    The work of `carrel toolbox build` and `status`.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    installation = await _installation_keys(settings)
    runtime = DockerRuntime(docker_settings(settings, installation.id, read_ca_bundle(settings)))
    try:
        await runtime.probe()
        if build:
            return await runtime.ensure_toolbox(lambda line: _say(line, sys.stderr))
        name = await runtime.has_toolbox()
        if name is None:
            hint = "`carrel toolbox build` builds it; else the first workspace does."
            raise Problem("not_found", "The toolbox of this version is not built yet.", hint=hint)
        return name
    finally:
        await runtime.close()


async def change_keys(settings: Settings, what: str) -> str:
    """Rotate the key that seals secrets, also while servers run; what came of it.

    The work of `carrel server rotate-keys`: `rotate`, `prepare` or `drop`.
    """
    path = Path(settings.key_file)
    if not os.path.exists(path):  # noqa: ASYNC240, PTH110  nothing else runs
        hint = "The settings `data_dir` and `key_file` say where; a server makes it when it starts first."
        raise Problem("key_unknown", f"There is no key file {path}.", hint)
    if what == "prepare":
        key = prepare_key(path)
        return f"The key {key} is in {path}, and seals nothing yet. Copy the file to every server, then rotate."
    store = await _open_beside(settings)
    try:
        await ensure_installation(store)
        if what == "drop":
            dropped = await drop_old_keys(store, path)
            return f"Removed from {path}: {', '.join(dropped)}." if dropped else "There is no old key in the file."
        done = await rotate_keys(store, path)
    finally:
        await store.close()
    began = "A rotation that had begun before is at its end" if done.went_on else "Rotated"
    left = f" {', '.join(done.old)} can leave the file: --drop-old." if done.old else ""
    return f"{began}: {done.sealed} secrets were sealed with the key {done.key_id}.{left}"


async def _installation_keys(settings: Settings) -> InstallationKeys:
    """The installation's keys, also while a server uses its database."""
    store = await _open_beside(settings)
    try:
        return await ensure_installation(store)
    finally:
        await store.close()


async def _open_beside(settings: Settings) -> Store:
    """The database, also while a server uses it."""
    keys = load_keys(Path(settings.key_file))
    try:
        return await Store.open(settings.database_url, keys)
    except Problem as problem:
        if problem.kind != "server_running":
            raise
        return await Store.open(settings.database_url, keys, alone=False)


def _say(line: str, stream: TextIO) -> None:
    stream.write(line + "\n")
    stream.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry of `python -m carrel.serve`; returns the exit status."""
    parser = argparse.ArgumentParser(prog="carrel server", description="Run a Carrel server in the foreground.")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting (docs/reference/settings.md)"
    )
    parser.add_argument("--config", type=Path, help="a TOML file of settings")
    parser.add_argument(
        "--toolbox",
        nargs="?",
        const="build",
        choices=("build", "status"),
        help="build or look for the toolbox, then end",
    )
    parser.add_argument("--keys", choices=("rotate", "prepare", "drop"), help="change the keys of secrets, then end")
    options = parser.parse_args(arguments)
    overrides: dict[str, Any] = dict(text.split("=", 1) for text in options.set if "=" in text)
    try:
        settings = load_settings(os.environ, options.config, overrides)
        configure_logs(settings)
        allow_many_sockets()
        work: Coroutine[Any, Any, str | None]
        if options.keys:
            work = change_keys(settings, options.keys)
        elif options.toolbox:
            work = prepare_toolbox(settings, build=options.toolbox == "build")
        else:
            work = serve(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, suppress(KeyboardInterrupt):
            result = runner.run(work)
            if result:
                _say(result, sys.stdout)
    except Problem as problem:
        document = problem.document()
        _say(f"carrel server: {problem}\nhint: {document['hint']}", sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
