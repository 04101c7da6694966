"""The environment engine: a repository's files in, a build plan and container specs out. A library without a server.

    from carrel.devcontainer import Request, complete, gather, inspected, plan, recovery_plan
    from carrel.devcontainer.registry import RegistryClient

    async with RegistryClient(settings) as registry:
        inputs = await gather(request, files, inspect, registry)
    environment = plan(inputs)

* `request` says which environment is asked for, and under which policy and limits (`inputs.Request`).
* `files` reads the repository (`inputs.ProjectFiles`, the shape of a runtime's `ProjectFiles`).
* `inspect` is `async (image) -> facts`, and pulls an image that is absent (`inputs.ImageFacts`, the shape of `ImageFact`).
* `gather` does all reading and asking and raises a `Problem`; `plan` is pure.

A caller that runs workspaces then builds every step of `environment.build` (`pulls` first) and calls
`complete(environment, facts_of_the_image)`, which fills in `${containerEnv:X}`; it is needed whenever a step was
built or found, and harmless otherwise. `environment.agent` lacks only what the repository cannot say: secrets, git
identity, apps. `environment.lockfile` is to be written at `lockfile_path` when it is not None.

With Docker Compose `containers` has one for each service that runs; `primary` is the one with the agent.

When `gather` or a build fails, `recovery_plan(request, await inspected(request.default_image, inspect), problem)`
gives an environment with the same project and home.
"""

from carrel.devcontainer.gather import gather, inspected, read_configuration
from carrel.devcontainer.image_names import refuse_built
from carrel.devcontainer.inputs import BaseImage, ImageFacts, ImageInspector, Inputs, ProjectFiles, Request
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.plan import EnvironmentPlan, complete, plan
from carrel.devcontainer.policy import Policy
from carrel.devcontainer.recovery import recovery_plan

__all__ = [
    "BaseImage",
    "EnvironmentPlan",
    "ImageFacts",
    "ImageInspector",
    "Inputs",
    "Notice",
    "Policy",
    "ProjectFiles",
    "Request",
    "complete",
    "gather",
    "inspected",
    "plan",
    "read_configuration",
    "recovery_plan",
    "refuse_built",
]
