"""The file that tells PID 1 what to run beside the agent (toolbox/init/README.md has the format). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from carrel.core.spec import ContainerSpec
from carrel.runtimes.contract import ImageFact
from carrel.runtimes.docker.fence import Fence, checked

RECORD_FILE = "init"
"""In BOOT_FOLDER, among the boot files."""
_TAKES_PID_1 = frozenset({"/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd", "/usr/lib/systemd/systemd", "/init"})
"""systemd and s6-overlay refuse to run as anything but PID 1."""


def init_record(container: ContainerSpec, image: ImageFact, fence: Fence) -> bytes:
    """The record of a primary container: fence, feature entrypoints, the image's own command unless it is overridden."""
    entries = [*fence.record(), *_entries(container, image)]
    return b"".join(f"{key}={checked(key, value, chr(0))}".encode() + b"\0" for key, value in entries)


def _entries(container: ContainerSpec, image: ImageFact) -> Iterator[tuple[str, str]]:
    if user := container.user or image.user:
        yield "user", user
    if folder := container.working_dir or image.working_dir:
        yield "cwd", folder
    for line in container.feature_entrypoints:
        yield "entrypoint", line
    command = own_command(container, image)
    for word in command:
        yield "arg", word
    if command and command[0] in _TAKES_PID_1:
        yield "exec-command", "1"


def own_command(container: ContainerSpec, image: ImageFact) -> tuple[str, ...]:
    """What runs beside the agent: the spec's words, else the image's; an entrypoint of the spec drops the image's command."""
    return () if container.override_command else whole_command(container, image)


def whole_command(container: ContainerSpec, image: ImageFact) -> tuple[str, ...]:
    """Entrypoint and command as the engine would put them together."""
    entrypoint = image.entrypoint if container.entrypoint is None else container.entrypoint
    image_command = image.command if container.entrypoint is None else ()
    command = image_command if container.command is None else container.command
    return entrypoint + command
