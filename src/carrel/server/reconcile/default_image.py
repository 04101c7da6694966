"""The image of a repository without a devcontainer.json: the well-known one, or one that is built where it cannot be had."""

from __future__ import annotations

import hashlib

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep
from carrel.runtimes.contract import Log, Runtime

CANNOT_BE_HAD = frozenset({"image_missing", "registry_unreachable", "registry_denied"})

TAG_PREFIX = "carrel/default:"
RECIPE = """\
FROM {base}
ENV LANG=C.UTF-8
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
    bash-completion ca-certificates curl file git less make nano openssh-client procps python3 python3-pip \\
    python3-venv sudo unzip wget xz-utils \\
 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --shell /bin/bash --uid 1000 vscode \\
 && echo 'vscode ALL=(root) NOPASSWD:ALL' > /etc/sudoers.d/vscode && chmod 0440 /etc/sudoers.d/vscode
LABEL devcontainer.metadata='[{{"remoteUser":"vscode"}}]'
"""
"""The well-known base image's user and tools, from Debian's packages."""


class DefaultImage:
    """Knows which image a workspace without a configuration gets, and how it is made where it cannot be pulled."""

    def __init__(self, wanted: str) -> None:
        """Prefer the image `wanted`; where it cannot be had, one is built from the runtime's base image."""
        self.wanted = wanted
        self._step: BuildStep | None = None

    async def step_for(self, image: str, runtime: Runtime, log: Log) -> BuildStep | None:
        """How `image` is built, where it is the one that takes the place of the wanted one."""
        if not image.startswith(TAG_PREFIX):
            return None
        step = await self._own_step(runtime, log)
        return step if step.tag == image else None

    async def choose(self, runtime: Runtime, log: Log, *, ask_again: bool = False) -> str:
        """The image's name: the wanted one, or the one to build.

        Args:
            runtime: where it is needed.
            log: told why it is not the wanted one.
            ask_again: try the registry although the other one was built before (a rebuild without cache).
        """
        if await runtime.inspect_image(self.wanted) is not None:
            return self.wanted
        if not ask_again and self._step is not None and await runtime.inspect_image(self._step.tag) is not None:
            return self._step.tag
        try:
            await runtime.pull_image(self.wanted, {}, log)
        except Problem as problem:
            if problem.kind not in CANNOT_BE_HAD:
                raise
            step = await self._own_step(runtime, log)
            log(f"{self.wanted} cannot be had ({problem.detail.rstrip('.')}). A default image is built instead.")
            return step.tag
        return self.wanted

    async def _own_step(self, runtime: Runtime, log: Log) -> BuildStep:
        if self._step is None:
            text = RECIPE.format(base=await runtime.base_image(log))
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            self._step = BuildStep(tag=f"{TAG_PREFIX}{digest}", dockerfile=text, title="default image")
        return self._step
