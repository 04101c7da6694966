"""Starts JupyterLab: the image's own, else one that is installed into the home, with the image's Python as its kernel.

start.py PORT FOLDER. Run by the toolbox's Python as the remote user; nothing here is seen by a kernel or a terminal.
A line that begins with `carrel: ` is shown to people while they wait. Exit code 78: starting it again does not help.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urljoin

HERE = Path(__file__).resolve().parent
TOOLBOX = HERE.parents[1]
STATE = ".local/share/carrel/jupyter"
"""Under the home."""
REQUIREMENTS = HERE / "requirements.txt"
OLDEST = (3, 10)
GIVEN_UP = 78
PIP = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
"""For a Python that has neither pip nor ensurepip, as Debian's."""
ASK = (
    "import json, sys; json.dump({'version': list(sys.version_info[:3]), 'prefix': sys.base_prefix, "
    "'cache': sys.implementation.cache_tag, 'libc': getattr(sys.implementation, '_multiarch', '')}, sys.stdout)"
)
ANNOUNCEMENTS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}


class Python(NamedTuple):
    """The image's Python."""

    path: str
    version: tuple[int, ...]
    identity: str
    """Changes when another Python takes its place."""


def say(text: str) -> None:
    """Tell who waits."""
    print(f"carrel: {text}", flush=True)


def give_up(text: str) -> NoReturn:
    """Tell why there is no JupyterLab."""
    say(text)
    sys.exit(GIVEN_UP)


def find(names: Sequence[str], path: str) -> str:
    """The first of these programs on the PATH that is not the toolbox's own."""
    folders = os.pathsep.join(one for one in path.split(os.pathsep) if one and not is_ours(one))
    return next((found for name in names if (found := shutil.which(name, path=folders))), "")


def is_ours(folder: str) -> bool:
    """Whether a folder of the PATH is in the toolbox."""
    return Path(folder).resolve().is_relative_to(TOOLBOX)


def ask(python: str) -> Python | None:
    """What a Python says of itself; None where it does not run."""
    try:
        done = subprocess.run([python, "-I", "-c", ASK], capture_output=True, timeout=30, check=True)
        said = json.loads(done.stdout)
        return Python(python, tuple(said["version"]), json.dumps(said, sort_keys=True))
    except (OSError, ValueError, KeyError, subprocess.SubprocessError):
        return None


def usable_python(path: str) -> Python:
    """The image's Python, where JupyterLab runs on it."""
    found = find(("python3", "python"), path)
    if not found:
        give_up("This image has no Python, so there is no JupyterLab. Add Python to devcontainer.json and rebuild.")
    python = ask(found)
    if python is None:
        give_up(f"{found} does not run, so there is no JupyterLab.")
    if python.version < OLDEST:
        version = ".".join(map(str, python.version))
        give_up(
            f"JupyterLab needs Python 3.10 or newer; {found} is {version}. An image with its own jupyter-lab works, too."
        )
    return python


def folder_for(python: Python, state: Path) -> Path:
    """Where JupyterLab for this Python is, or will be: another version of either is another folder."""
    content = python.identity.encode() + REQUIREMENTS.read_bytes()
    return state / hashlib.sha256(content).hexdigest()[:16]


def installed(python: Python, state: Path) -> Path:
    """The folder with JupyterLab, installed now if it is not there; those of other versions are removed."""
    folder = folder_for(python, state)
    if not (folder / "complete").is_file():
        shutil.rmtree(folder, ignore_errors=True)
        state.mkdir(parents=True, exist_ok=True)
        install(python, folder)
        (folder / "complete").touch()
        for other in state.iterdir():
            if other != folder and (other / "pyvenv.cfg").is_file():
                shutil.rmtree(other, ignore_errors=True)
    return folder


def install(python: Python, folder: Path) -> None:
    """Make a virtual environment with JupyterLab."""
    version = next(line for line in REQUIREMENTS.read_text().splitlines() if line.startswith("jupyterlab=="))
    say(
        f"Installing JupyterLab {version.partition('==')[2]} with real-time collaboration, once for this home (about 200 MB)"
    )
    env = environment(os.environ)
    uv = find(("uv",), env.get("PATH", ""))
    if uv and run(uv, "venv", "-q", "--python", python.path, str(folder), env=env):
        words = ("pip", "install", "--no-deps", "--python", str(folder / "bin/python"), "-r", str(REQUIREMENTS))
        if run(uv, *words, env=env):
            return
        shutil.rmtree(folder, ignore_errors=True)
    pip = with_pip(python, folder, env)
    options = (
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        "--no-compile",
        "--no-warn-script-location",
        "--no-deps",
    )
    if not run(*pip, "install", *options, "-r", str(REQUIREMENTS), env=env):
        shutil.rmtree(folder, ignore_errors=True)
        give_up(
            "JupyterLab could not be installed; the log of this app says why. Without a way to a package index, "
            "set PIP_INDEX_URL to one that can be reached, or use an image that has jupyter-lab."
        )


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """What installers get: the person's own index, proxies and certificates, in each installer's words."""
    env = dict(variables)
    bundle = env.get("SSL_CERT_FILE", "")
    if bundle and Path(bundle).is_file():
        env.setdefault("PIP_CERT", bundle)
    for pip, uv in (
        ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
        ("PIP_EXTRA_INDEX_URL", "UV_INDEX"),
        ("PIP_FIND_LINKS", "UV_FIND_LINKS"),
        ("PIP_NO_INDEX", "UV_NO_INDEX"),
    ):
        if env.get(pip):
            env.setdefault(uv, env[pip])
    env.pop("PYTHONPATH", None)
    env.pop("PIP_TARGET", None)
    env.pop("PIP_USER", None)
    return env


def with_pip(python: Python, folder: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    """A virtual environment, and how pip is called for it."""
    inside = str(folder / "bin/python")
    if run(python.path, "-m", "venv", str(folder), env=env, quiet=True):
        return (inside, "-m", "pip")
    shutil.rmtree(folder, ignore_errors=True)
    if not run(python.path, "-m", "venv", "--without-pip", str(folder), env=env):
        give_up("The image's Python cannot make virtual environments (on Debian: the package python3-venv).")
    if run(python.path, "-m", "pip", "--python", inside, "--version", env=env, quiet=True):
        return (python.path, "-m", "pip", "--python", inside)
    say("This Python has no pip; fetching it")
    try:
        wheel = fetch_pip(env.get("PIP_INDEX_URL") or "https://pypi.org/simple", folder)
    except (OSError, ValueError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        give_up(
            f"The image's Python has no pip, and it cannot be fetched ({error}). On Debian it is the package python3-venv."
        )
    return (inside, str(wheel / "pip"))


class Links(HTMLParser):
    """Addresses on a page of a package index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where a link leads."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]


def fetch_pip(index: str, folder: Path) -> Path:
    """Pip from an index (PEP 503), of which one digest is taken. Raises OSError, ValueError."""
    page = index.rstrip("/") + "/pip/"
    links = Links()
    with urllib.request.urlopen(page, timeout=30) as answer:  # noqa: S310  the person's own index
        links.feed(answer.read().decode("utf-8", "replace"))
        page = answer.url
    address = next((urljoin(page, link) for link in links.found if link.partition("#")[0].endswith(f"/{PIP}")), None)
    if address is None:
        raise ValueError(f"{index} has no {PIP}")
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        raise ValueError(f"{address.partition('#')[0]} is not the pip that it should be")
    wheel = folder / PIP
    wheel.write_bytes(content)
    return wheel


def run(*words: str, env: Mapping[str, str], quiet: bool = False) -> bool:
    """Whether a program ended well; what it prints goes to the log."""
    output = subprocess.DEVNULL if quiet else None
    try:
        return (
            subprocess.run(
                words, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            ).returncode
            == 0
        )
    except OSError as error:
        print(f"{words[0]}: {error}", flush=True)
        return False


def prepare(python: Python, folder: Path) -> None:
    """The kernel is the image's Python, as it is now; no announcements."""
    packages = next(folder.glob("lib/python*/site-packages"))
    spec = {
        "argv": [python.path, str(HERE / "kernel.py"), str(packages), "-f", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": True},
    }
    write(folder / "share/jupyter/kernels/python3/kernel.json", spec)
    write(folder / "etc/jupyter/labconfig/page_config.json", ANNOUNCEMENTS)


def write(path: Path, content: object) -> None:
    """Write JSON, unless the file says so already."""
    text = json.dumps(content, indent=1)
    if not path.is_file() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main(port: str, folder: str) -> NoReturn:
    """Become JupyterLab."""
    path = os.environ.get("PATH", "")
    own = find(("jupyter-lab",), path)
    state = Path.home() / STATE
    if own:
        words = [own]
    else:
        python = usable_python(path)
        lab = installed(python, state)
        prepare(python, lab)
        words = [str(lab / "bin/python"), "-m", "jupyterlab"]
    say("Starting JupyterLab")
    words += [f"--config={HERE / 'carrel_config.py'}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    words += ["--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}", "--ServerApp.base_url=/", "--no-browser"]
    os.execvp(words[0], words)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
