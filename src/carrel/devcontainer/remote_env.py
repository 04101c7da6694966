"""`remoteEnv` as the configuration says it now: it applies to a container that exists already, without a rebuild (C365)."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.devcontainer.configuration import read
from carrel.devcontainer.identity import devcontainer_id, labels_of
from carrel.devcontainer.inputs import Request
from carrel.devcontainer.plan import DEFAULT_PATH, EnvironmentPlan
from carrel.devcontainer.scalars import text_of
from carrel.devcontainer.variable_names import usable
from carrel.devcontainer.variables import container_pass, id_pass


def remote_env_now(
    environment: EnvironmentPlan, request: Request, content: bytes, image_env: Mapping[str, str]
) -> dict[str, str | None]:
    """The variables of a plan, those of the configuration as `content` has them now.

    Args:
        environment: the plan in use; what image and features contribute is taken from it.
        request: as the plan was made from.
        content: of `environment.config_path`.
        image_env: of `environment.image`, for `${containerEnv:X}`.

    Raises:
        Problem: `bad_configuration`.
    """
    configuration = read(content, environment.config_path, request.place, request.local_env)
    identity = devcontainer_id(labels_of(request.workspace_id, configuration.path))
    own, _ = usable(id_pass(dict(configuration.values.get("remoteEnv") or {}), identity), "remoteEnv", "")
    merged = {**(environment.configuration.get("remoteEnv") or {}), **own}
    texts = {name: None if value is None else text_of(value) for name, value in merged.items()}
    container = {"PATH": DEFAULT_PATH, **image_env, **environment.primary_container().env}
    substituted: dict[str, str | None] = container_pass(texts, container)
    return substituted
