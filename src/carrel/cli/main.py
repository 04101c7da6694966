"""The `carrel` command. `exec`, `ssh`, `ssh-proxy` and `attach` take a short way in that imports little: they are typed all day; `devcontainer` a shorter one."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

FAST = frozenset({"exec", "ssh"})


def _fill_standard_descriptors() -> None:
    """Put /dev/null where stdin, stdout or stderr is closed: a socket would take its number, and be taken for it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def main() -> NoReturn:
    """Run the command line and exit with its status."""
    _fill_standard_descriptors()
    arguments = sys.argv[1:]
    if arguments and arguments[0] in FAST and not {"--help", "-h"} & set(arguments[1:2]):
        from carrel.cli.session import run  # noqa: PLC0415  the short way in

        sys.exit(run(arguments[0], arguments[1:]))
    if arguments == ["ssh-certificate"]:
        from carrel.cli.ssh_setup.certificate import run_quickly  # noqa: PLC0415  before each ssh to the gateway

        if (status := run_quickly()) is not None:
            sys.exit(status)
    if arguments[:1] == ["ssh-proxy"] and not {"--help", "-h"} & set(arguments):
        from carrel.cli.ssh_proxy import run as carry  # noqa: PLC0415  the shortest way in

        sys.exit(carry(arguments[1:]))
    if arguments[:1] == ["attach"] and not {"--help", "-h"} & set(arguments):
        from carrel.cli.attach import run as attach  # noqa: PLC0415  the short way in

        sys.exit(attach(arguments[1:]))
    if arguments[:1] == ["devcontainer"]:
        from carrel.cli.devcontainer import run_devcontainer  # noqa: PLC0415  without all other commands: 0.1 s

        sys.exit(run_devcontainer(arguments[1:]))
    from carrel.cli.app import run_app  # noqa: PLC0415  the long way in

    sys.exit(run_app(arguments))
