"""The main job: from a git URL to VS Code in the browser, with nothing but the `carrel` command.

Serves the example repository over git's HTTP on loopback, opens a workspace from that URL, and ends with a link that
opens it. The server and the workspace go on running; `make demo-stop` ends them.
"""

from __future__ import annotations

import http.cookiejar
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from git_server import git_server, make_repository  # noqa: E402

DATA = HERE.parent / ".demo"
CARREL = str(Path(sys.executable).with_name("carrel"))
PORT = 7170
GIT_PORT = 7171
"""Fixed, so that a second run means the same repository."""
ENVIRONMENT = os.environ | {
    "CARREL_DATA_DIR": str(DATA),
    "CARREL_PORT": os.environ.get("CARREL_PORT", str(PORT)),
    "CARREL_ALLOW_GIT_SCHEMES": "https,ssh,http",
}


def carrel(*words: str, capture: bool = False) -> str:
    """Run a `carrel` command as a person would."""
    print(f"\n$ carrel {' '.join(words)}", flush=True)
    stdout = subprocess.PIPE if capture else None
    done = subprocess.run([CARREL, *words], env=ENVIRONMENT, check=True, stdout=stdout, text=True)
    return (done.stdout or "").strip()


def find_localhost_names() -> None:
    """Have names below `localhost` found on loopback, as browsers do; not every system's resolver knows them."""
    ask = socket.getaddrinfo

    def answer(host: Any, *rest: Any, **options: Any) -> Any:
        return ask("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **options)

    socket.getaddrinfo = answer


def first_page(link: str) -> str:
    """What a browser gets that follows the link: signs in, gets its ticket, loads VS Code's page."""
    find_localhost_names()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    opener.addheaders = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]
    with opener.open(link, timeout=60) as answer:
        return str(answer.read().decode())


def stop() -> int:
    """Leave nothing of the demo: its workspace and volumes, its server, its folder."""
    pid = DATA / "pid"
    if pid.exists():
        subprocess.run([CARREL, "rm", "--purge", "--yes", "guestbook"], env=ENVIRONMENT, check=True)
        os.kill(int(pid.read_text()), signal.SIGTERM)
    while pid.exists():
        time.sleep(0.1)
    shutil.rmtree(DATA, ignore_errors=True)
    return 0


def main() -> int:
    """Run the demo."""
    began = time.monotonic()
    repositories = DATA / "repositories"
    if not (repositories / "guestbook.git").exists():
        make_repository(HERE / "repository", repositories / "guestbook.git")
    with git_server(repositories, port=GIT_PORT) as address:
        carrel("up", f"{address}/guestbook.git", "--name", "guestbook", "--no-open")
    carrel("ls")
    carrel("exec", "guestbook", "python3", "-m", "unittest")
    carrel("why", "guestbook")
    if "workbench" not in first_page(carrel("open", "guestbook", "--print", capture=True)):
        print("VS Code did not answer with its page.", file=sys.stderr)
        return 1
    link = carrel("open", "guestbook", "--print", capture=True)
    print(
        f"\nVS Code on the example repository, in {time.monotonic() - began:.1f} s. Open it in a browser on this machine:"
    )
    print(f"\n    {link}\n")
    print("The link signs you in, once. Stop everything with `make demo-stop`.")
    return 0


if __name__ == "__main__":
    sys.exit(stop() if "--stop" in sys.argv[1:] else main())
