"""The lockfile of an environment's features, written where the repository's author finds it: beside the configuration."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.notices import warning
from carrel.runtimes.contract import Log, Runtime, SourceFile


async def write_lockfile(workspace: Workspace, made: EnvironmentPlan, runtime: Runtime, log: Log) -> EnvironmentPlan:
    """Write it where it is absent or says something else, as the reference does since its version 0.87 (C334).

    Returns:
        The plan; with a notice where the source cannot be written, which is no reason to fail.
    """
    if made.lockfile is None or not made.config_path:
        return made
    file = SourceFile(made.lockfile_path, made.lockfile.encode(), made.config_path)
    try:
        await runtime.write_source_file(workspace.ref(), workspace.source, file)
    except Problem as problem:
        log(f"The lockfile {file.path} cannot be written: {problem}")
        notice = warning("features", f"{file.path} cannot be written: {problem.detail}")
        return replace(made, notices=(*made.notices, notice))
    log(f"The digests of the features are held in {file.path}.")
    return made
