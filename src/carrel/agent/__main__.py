"""`python -m carrel.agent [--boot FILE] [--state FOLDER] [--toolbox FOLDER] [--secrets FOLDER]`: the agent's process."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

from carrel.agent import optional_parts  # noqa: F401  first: what it is for
from carrel.agent.offers import PersonOffers, WorkspaceOffers
from carrel.agent.server import PersonConnections, listen
from carrel.agent.state_folder import ROOT_FOLDER, usable
from carrel.agent.streams import Streams
from carrel.agent.workspace import Places, Workspace
from carrel.core.agent import BOOT_FILE, Boot
from carrel.core.records import load
from carrel.core.secret_names import SECRETS_FOLDER
from carrel.core.spec import BOOT_FOLDER, TOOLBOX_PATH

log = logging.getLogger("carrel.agent")

USAGE = "usage: python -m carrel.agent [--boot FILE] [--state FOLDER] [--toolbox FOLDER] [--secrets FOLDER]"


async def serve(boot: Boot, places: Places) -> None:
    """Run the agent until it is told to end."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    workspace = Workspace(boot, places, container_env())
    await workspace.resume()
    streams = Streams(PersonConnections(boot, PersonOffers(workspace)))
    acceptor = await listen(boot, WorkspaceOffers(workspace, streams))
    workspace.listening_on = acceptor.get_port()
    log.info("listening workspace=%s start=%d port=%d", boot.workspace, boot.start, acceptor.get_port())
    await over.wait()
    acceptor.close()


def container_env() -> dict[str, str]:
    """The environment that we were started with: the container's. Python itself adds a locale to os.environ."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environ)
    pairs = (entry.partition(b"=") for entry in entries if entry)
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}


def _arguments(argv: list[str]) -> dict[str, str]:
    options = {"--boot": f"{BOOT_FOLDER}/{BOOT_FILE}", "--state": ROOT_FOLDER, "--toolbox": TOOLBOX_PATH}
    options["--secrets"] = SECRETS_FOLDER
    if len(argv) % 2 or any(name not in options for name in argv[::2]):
        raise SystemExit(USAGE)
    return options | dict(zip(argv[::2], argv[1::2], strict=True))


def main(argv: list[str]) -> None:
    """Read the boot file and serve."""
    logging.basicConfig(level=logging.INFO, format="carrel-agent: %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("asyncssh").setLevel(logging.WARNING)
    options = _arguments(argv)
    boot = load(Boot, json.loads(Path(options["--boot"]).read_text()))
    state, toolbox, secrets = (Path(options[f"--{name}"]) for name in ("state", "toolbox", "secrets"))
    places = Places(state=usable(state), toolbox=toolbox, secrets=secrets)
    try:
        import uvloop  # noqa: PLC0415  optional: the agent works without, more slowly
    except ImportError:
        asyncio.run(serve(boot, places))
    else:
        uvloop.run(serve(boot, places))


if __name__ == "__main__":
    main(sys.argv[1:])
