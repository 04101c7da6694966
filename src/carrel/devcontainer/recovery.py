"""A plan in spite of a problem: the default image with the same volumes, no hooks, no features, so that people can mend it."""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace

from carrel.core.problems import Problem
from carrel.devcontainer.configuration import read
from carrel.devcontainer.inputs import BaseImage, Inputs, Request
from carrel.devcontainer.notices import warning
from carrel.devcontainer.plan import EnvironmentPlan, plan


def recovery_plan(
    request: Request, image: BaseImage, problem: Problem, failed: EnvironmentPlan | None = None
) -> EnvironmentPlan:
    """The environment for mending.

    Args:
        request: as it was given to `gather`.
        image: the default image as it was inspected (`inspected(request.default_image, inspect)`).
        problem: why the wanted environment cannot be made.
        failed: the plan whose build failed, where there is one; its mounts of the project and its volumes are kept.
    """
    text = json.dumps({"image": image.reference, "remoteUser": "root", "name": "Recovery"})
    configuration = read(
        text, failed.config_path if failed else posixpath.join(request.folder, ".devcontainer.json"), request.place
    )
    if failed is not None:
        target = failed.agent.workspace_folder
        mount = next(
            (
                one.target
                for one in failed.primary_container().mounts
                if target == one.target or target.startswith(one.target + "/")
            ),
            "",
        )
        if mount and mount != failed.home:
            values = {
                **configuration.raw,
                "workspaceFolder": target,
                "workspaceMount": f"type=bind,source={request.place.root},target={mount}",
            }
            configuration = read(json.dumps(values), configuration.path, request.place)
    environment = plan(Inputs(request, configuration, image, found=False))
    notice = warning("environment", f"this is the recovery workspace: {problem}. Mend the configuration and rebuild.")
    kept = {one.name: one for one in (*environment.volumes, *(failed.volumes if failed else ()))}
    return replace(
        environment,
        volumes=tuple(kept.values()),
        config_path=failed.config_path if failed else "",
        notices=(notice, *(failed.notices if failed else ())),
        recovery=str(problem),
    )
