"""The image of a repository without a devcontainer.json: the well-known one, or one that is built where it cannot be had."""

from __future__ import annotations

import hashlib
import time

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep
from carrel.runtimes.contract import Log, Runtime

CANNOT_BE_HAD = frozenset({"image_missing", "registry_unreachable", "registry_denied"})
TRY_AGAIN_SECONDS = 600.0
"""How long a registry that could not be reached is not asked again: its time-out would delay every start."""

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
    """Finds out once which image a workspace without a configuration gets."""

    def __init__(self, wanted: str, base: str) -> None:
        """Prefer the image `wanted`; where it cannot be had, build one from `base`."""
        self._wanted = wanted
        self._base = base
        self._failed_at = float("-inf")

    async def choose(self, runtime: Runtime, log: Log) -> tuple[str, BuildStep | None]:
        """The image's name, and the step that builds it where it has to be built."""
        if await runtime.inspect_image(self._wanted) is not None:
            return self._wanted, None
        if time.monotonic() - self._failed_at > TRY_AGAIN_SECONDS:
            try:
                await runtime.pull_image(self._wanted, {}, log)
            except Problem as problem:
                if problem.kind not in CANNOT_BE_HAD:
                    raise
                log(f"{self._wanted} cannot be had ({problem.detail}); a default image is built from {self._base}.")
                self._failed_at = time.monotonic()
            else:
                return self._wanted, None
        step = self._step()
        return step.tag, step

    def _step(self) -> BuildStep:
        text = RECIPE.format(base=self._base)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return BuildStep(tag=f"carrel-env/default:{digest}", dockerfile=text, title="default image")
