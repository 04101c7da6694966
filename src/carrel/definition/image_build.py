"""An image specification as a build: the text of a build file, its files, and a tag made of the content. Pure.

What a user writes never becomes part of an instruction: packages and versions are arguments of fixed scripts, commands those of
a shell, written as JSON (the exec form of RUN); requirements are a file, variables are quoted. Source: docs/adr/0030.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from carrel.core.definition import ImageSpec
from carrel.core.problems import Problem
from carrel.core.spec import BuildStep

VENV: Final = "/opt/venv"
"""Where Python packages are installed, unless the base image has an environment of its own."""
REQUIREMENTS: Final = "carrel-requirements.txt"
APT_SCRIPT: Final = "carrel-apt"
PYTHON_SCRIPT: Final = "carrel-python"
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@\[\]-]{0,499}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})?")
_PLACE = re.compile(r"(/[A-Za-z0-9_.-]+)+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MOST_ARGUMENT_BYTES = 120_000
"""The kernel takes 128 KiB for one argument of a program."""


@dataclass(frozen=True)
class ImageBase:
    """What the image is made from, as it was found."""

    reference: str
    id: str
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImageMade:
    """An image that is there, made before there is a workspace of it."""

    image: str
    """Its name on the runtime."""
    built: bool = False
    """False: it was there, or came from a registry."""
    pushed: str = ""
    """Its name in the registry that the specification says."""


def image_step(spec: ImageSpec, base: ImageBase, repository: str) -> BuildStep:
    """The build of a specification.

    Args:
        spec: as `definition.image` reads it.
        base: the image that `spec.base_image` (or the setting `workspace_image`) stands for.
        repository: name of the image without tag.

    Raises:
        Problem: `bad_value`, a value that no build file can hold.
    """
    pieces = list(_pieces(spec, base))
    files = {
        APT_SCRIPT: APT if spec.apt_packages else "",
        PYTHON_SCRIPT: PYTHON if _wants_python(spec) else "",
        REQUIREMENTS: "".join(f"{line}\n" for line in spec.requirements),
    }
    step = BuildStep(
        tag="",
        dockerfile="".join(f"{text}\n" for text, _ in pieces),
        files={path: text.encode() for path, text in files.items() if text},
        title=f"the image {spec.name}",
        parts={str(number): part for number, (_, part) in enumerate(pieces, 1) if part},
    )
    return BuildStep(**{**vars(step), "tag": f"{repository}:{_digest(step, base)}"})


def image_env(spec: ImageSpec, base: ImageBase) -> dict[str, str]:
    """The variables that the image will have."""
    env = dict(base.env)
    if _wants_python(spec):
        venv = _venv(base)
        env |= {"VIRTUAL_ENV": venv, "PATH": f"{venv}/bin:{base.env.get('PATH') or _DEFAULT_PATH}"}
    return {**env, **spec.env}


def pushed_name(spec: ImageSpec, tag: str) -> str:
    """The name under which the image `tag` goes to `spec.registry`; empty: it goes nowhere."""
    return f"{spec.registry}/{spec.name}:{tag.rpartition(':')[2]}" if spec.registry else ""


def _digest(step: BuildStep, base: ImageBase) -> str:
    files = {path: hashlib.sha256(content).hexdigest() for path, content in step.files.items()}
    text = json.dumps({"dockerfile": step.dockerfile, "files": files, "base": base.id}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _pieces(spec: ImageSpec, base: ImageBase) -> Iterator[tuple[str, str]]:
    """The instructions, one line each, with what each is for in people's words."""
    yield f"FROM {_sound(_REFERENCE, base.reference, 'base_image')}", "base_image"
    yield "USER root", ""
    for name, value in spec.env.items():
        yield f"ENV {_sound(_VARIABLE, name, 'env')}={_quoted(value, f'env.{name}')}", f"env.{name}"
    if spec.apt_packages:
        packages = [_argument(one, "apt_packages") for one in spec.apt_packages]
        yield f"COPY {APT_SCRIPT} /tmp/{APT_SCRIPT}", ""
        yield _run(f"/tmp/{APT_SCRIPT}", *packages), f"apt_packages ({_some(packages)})"  # noqa: S108  of the image
    if _wants_python(spec):
        yield from _python(spec, base)
    for number, command in enumerate(spec.commands, 1):
        if "\0" in command or len(command.encode(errors="replace")) > _MOST_ARGUMENT_BYTES:
            raise Problem("bad_value", f"commands[{number - 1}]: it has a NUL, or is too long.")
        yield _run("-c", "--", command), f"commands[{number - 1}] ({_short(command)})"
    user = base.user or "root"
    yield f"USER {user if _USER.fullmatch(user) else 'root'}", ""


def _wants_python(spec: ImageSpec) -> bool:
    return bool(spec.packages or spec.requirements or spec.python_version)


def _venv(base: ImageBase) -> str:
    own = base.env.get("VIRTUAL_ENV", "")
    return own if _PLACE.fullmatch(own) else VENV


def _python(spec: ImageSpec, base: ImageBase) -> Iterator[tuple[str, str]]:
    venv = _venv(base)
    version = _argument(spec.python_version, "python_version") if spec.python_version else ""
    packages = [_argument(one, "packages") for one in spec.packages]
    requirements = f"/tmp/{REQUIREMENTS}" if spec.requirements else ""  # noqa: S108  of the image
    if requirements:
        yield f"COPY {REQUIREMENTS} {requirements}", "requirements"
    yield f'ENV VIRTUAL_ENV="{venv}" PATH="{venv}/bin:$PATH"', ""
    keys = [key for key in ("python_version", "requirements", "packages") if getattr(spec, key)]
    what = f" ({_some(packages)})" if packages else ""
    yield f"COPY {PYTHON_SCRIPT} /tmp/{PYTHON_SCRIPT}", ""
    script = f"/tmp/{PYTHON_SCRIPT}"  # noqa: S108  of the image
    yield _run(script, venv, version, requirements, *packages), f"{', '.join(keys)}{what}"


def _run(*arguments: str) -> str:
    """A RUN whose arguments no shell, no variable and no here-document of a build file can touch."""
    text = json.dumps(["/bin/sh", "-e", *arguments])
    return f"RUN {text.replace('<', chr(92) + 'u003c')}"


def _argument(text: str, key: str) -> str:
    """`text` as an argument of a program: no option, nothing that cannot be seen."""
    if (
        not text
        or text.startswith("-")
        or _CONTROL.search(text)
        or len(text.encode(errors="replace")) > _MOST_ARGUMENT_BYTES
    ):
        raise Problem("bad_value", f"{key}: {text[:80]!r} cannot be used.", "Write the name of a package.")
    return text


def _quoted(value: str, key: str) -> str:
    """A value of an ENV instruction, taken literally."""
    if _CONTROL.search(value):
        hint = "Write a file in `commands`, or say it in the workspace's own `env`."
        raise Problem("bad_value", f"{key}: a variable of an image is one line of visible characters.", hint)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def _sound(pattern: re.Pattern[str], text: str, key: str) -> str:
    if not pattern.fullmatch(text):
        raise Problem("bad_value", f"{key}: {text[:80]!r} cannot be used.")
    return text


def _some(words: list[str]) -> str:
    return _short(", ".join(words))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:79]}…"


_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

APT: Final = """\
if ! command -v apt-get >/dev/null; then
    echo "carrel: the base image has no apt-get, so apt_packages cannot be installed; choose a base_image of Debian or Ubuntu" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends -- "$@"
rm -rf /var/lib/apt/lists/*
rm -f "$0"
"""
"""Installs the packages that are its arguments."""

PYTHON: Final = """\
venv=$1 wanted=$2 requirements=$3
shift 3
say() { echo "carrel: $*" >&2; }
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    if ! python3 -m pip --version >/dev/null 2>&1; then
        if ! command -v apt-get >/dev/null; then
            say "the base image has neither uv, nor Python with pip, nor apt-get to install them; choose another base_image"
            exit 1
        fi
        apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates python3 python3-pip
        rm -rf /var/lib/apt/lists/*
    fi
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --target /tmp/carrel-uv uv
    uv=/tmp/carrel-uv/bin/uv
fi
export UV_PYTHON_INSTALL_DIR=/opt/python UV_LINK_MODE=copy UV_NO_CACHE=1 UV_NO_PROGRESS=1
owner=
if [ -x "$venv/bin/python" ]; then
    owner=$(stat -c %u:%g "$venv")
    has=$("$venv/bin/python" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))')
    case "$has." in
        "$wanted".*) ;;
        *) if [ -n "$wanted" ]; then
               say "the base image has Python $has; an environment with Python $wanted and without its packages takes the place of it"
               rm -rf "$venv"
           fi ;;
    esac
fi
if [ ! -x "$venv/bin/python" ]; then
    if ! "$uv" venv --quiet --system-site-packages --python "${wanted:-3}" "$venv"; then
        say "there is no Python $wanted: the base image has none, and uv could not download it; that needs github.com." \\
            "Choose a base_image that has it, or leave out python_version"
        exit 1
    fi
fi
if [ -n "$requirements" ]; then set -- --requirement "$requirements" "$@"; fi
if [ $# -gt 0 ]; then "$uv" pip install --python "$venv/bin/python" "$@"; fi
if [ -z "$owner" ] && grep -q '^[^:]*:[^:]*:1000:' /etc/passwd; then owner=1000:1000; fi
if [ -n "$owner" ]; then find "$venv" ! -uid "${owner%:*}" -exec chown -h "$owner" {} +; fi
rm -rf /tmp/carrel-uv
rm -f "$0" ${requirements:+"$requirements"}
"""
"""Makes the environment $1 with Python $2 where it is not there, and installs the file $3 and the packages that follow.

Files belong to whom the environment belonged before, else to the image's first ordinary user, so that people can install more.
"""
