"""The build file that installs features on top of an image: one RUN a feature, nothing of the feature left behind.

Source: containers.dev "Features"; C235-C255, C095, C096. Deviation D31: option values reach install.sh literally.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from carrel.devcontainer.features.options import environment
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.scalars import text_of

FOLDER = "/tmp/dev-container-features"  # noqa: S108  inside the image, where the reference has it
_SCRIPT = "devcontainer-features-install.sh"
_ENV = "devcontainer-features.env"
_CERTIFICATES = "carrel-certificates.pem"
_CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
)


@dataclass(frozen=True)
class Installation:
    """What the extension step is made from."""

    base: str
    """Image that is extended."""
    features: Sequence[Feature]
    remote_user: str
    container_user: str
    image_user: str
    """Restored at the end (C248)."""
    container_env: Mapping[str, str] = field(default_factory=dict)
    """Of the configuration; written last, literally (C247)."""
    label: str = ""
    """The LABEL instruction."""
    certificates: str = ""
    builder: Literal["buildkit", "classic"] = "classic"


def build_file(installation: Installation) -> str:
    """The text of the build file."""
    return "\n".join(text for text, _ in _pieces(installation)) + "\n" + installation.label


def feature_lines(installation: Installation) -> dict[str, str]:
    """Number of a line of the build file, from 1, to the reference of the feature that it installs."""
    lines: dict[str, str] = {}
    at = 1
    for text, name in _pieces(installation):
        after = at + text.count("\n") + 1
        lines |= {str(number): name for number in range(at, after) if name}
        at = after
    return lines


def _pieces(installation: Installation) -> list[tuple[str, str]]:
    """The instructions in order, each with the reference of its feature, or an empty text."""
    pieces = [(f"FROM {installation.base}", ""), ("USER root", "")]
    for index, feature in enumerate(installation.features):
        env = feature.metadata.get("containerEnv")
        pieces += [
            (f"ENV {name}={_double_quoted(text_of(value))}", feature.name)
            for name, value in (env if isinstance(env, Mapping) else {}).items()
        ]
        pieces.append((_install(feature, index, installation.builder), feature.name))
    own = installation.container_env.items()
    pieces += [(f"ENV {name}={_double_quoted(value, literal=True)}", "") for name, value in own]
    return [*pieces, (f"USER {installation.image_user or 'root'}", "")]


def folder_of(feature: Feature, index: int) -> str:
    """The feature's own folder: `<id>_<n>` (C242)."""
    return f"{feature.reference.id}_{index}"


def _install(feature: Feature, index: int, builder: str) -> str:
    folder = folder_of(feature, index)
    run = f"cd {FOLDER}/{folder} && chmod -R 0755 . && ./{_SCRIPT} && cd / && rm -rf {FOLDER}"
    if builder == "buildkit":
        source = f"{FOLDER}-source/{folder}"
        return f"RUN --mount=type=bind,source={folder},target={source} mkdir -p {FOLDER} && cp -R {source} {FOLDER}/ && {run}"
    return f"COPY --chown=root:root {folder} {FOLDER}/{folder}\nRUN {run}"


def _double_quoted(value: str, *, literal: bool = False) -> str:
    r"""A value of an ENV instruction; `$` expands against earlier ENV unless it is meant literally (C246)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n")
    return f'"{escaped.replace("$", chr(92) + "$") if literal else escaped}"'


def context_files(installation: Installation) -> dict[str, bytes]:
    """The files of the build context: each feature in its folder, with its script and environment."""
    files: dict[str, bytes] = {}
    for index, feature in enumerate(installation.features):
        folder = folder_of(feature, index)
        files |= {f"{folder}/{path}": content for path, content in feature.files.items()}
        files[f"{folder}/{_ENV}"] = _environment_file(feature).encode()
        files[f"{folder}/{_SCRIPT}"] = _script(feature, installation).encode()
        if installation.certificates:
            files[f"{folder}/{_CERTIFICATES}"] = installation.certificates.encode()
    return files


def _environment_file(feature: Feature) -> str:
    variables = environment(feature.options)
    return "".join(f"{name}={quote(value)}\n" for name, value in variables.items())


def quote(value: str) -> str:
    """`value` as one word of a POSIX shell, taken literally."""
    return "'" + value.replace("'", "'\\''") + "'"


def _home(user: str) -> str:
    """Shell text that prints the home of a user by name or id, or nothing (C236)."""
    name = quote(user)
    match = f"awk -F: -v u={name} '$1==u||$3==u{{print;exit}}' /etc/passwd"
    grep = f"grep -E {quote(f'^{_plain(user)}:|^[^:]*:[^:]*:{_plain(user)}:')} /etc/passwd"
    return f"$( (command -v getent >/dev/null 2>&1 && getent passwd {name} || {grep} || {match}) 2>/dev/null | head -n 1 | cut -d: -f6)"


def _plain(user: str) -> str:
    return "".join(f"\\{char}" if not (char.isalnum() or char in "_-") else char for char in user)


_WRAPPER = """#!/bin/sh
set -e
on_exit () {{
	[ $? -eq 0 ] && exit
	echo {failure} >&2
}}
trap on_exit EXIT
echo ===========================================================================
{warnings}echo {heading}
echo {options}
echo ===========================================================================
_CONTAINER_USER={container_user}
_REMOTE_USER={remote_user}
_CONTAINER_USER_HOME="{container_home}"
_REMOTE_USER_HOME="{remote_home}"
export _CONTAINER_USER _REMOTE_USER _CONTAINER_USER_HOME _REMOTE_USER_HOME
{certificates}set -a
. ./{env}
set +a
chmod +x ./install.sh
./install.sh
"""


def _script(feature: Feature, installation: Installation) -> str:
    metadata = feature.metadata
    name = str(metadata.get("name") or feature.reference.id)
    documentation = metadata.get("documentationURL")
    look = f" Its documentation: {documentation}" if documentation else ""
    options = ", ".join(f"{key}={value}" for key, value in environment(feature.options).items())
    return _WRAPPER.format(
        failure=quote(f"ERROR: Feature {name!r} ({feature.name}) failed to install!{look}"),
        warnings="".join(f"echo {quote(text)}\n" for text in feature_warnings(feature)),
        heading=quote(f"Feature {name} ({feature.name}), version {metadata.get('version', '')}"),
        options=quote(f"Options: {options or 'none'}"),
        container_user=quote(installation.container_user),
        remote_user=quote(installation.remote_user),
        container_home=_home(installation.container_user),
        remote_home=_home(installation.remote_user),
        certificates=_trust() if installation.certificates else "",
        env=_ENV,
    )


def _trust() -> str:
    """Trust the organisation's certificates while the feature installs; the image keeps what `update-ca-certificates` made."""
    lines = [
        (
            f"if command -v update-ca-certificates >/dev/null 2>&1; then mkdir -p /usr/local/share/ca-certificates && cp ./{_CERTIFICATES}"
            " /usr/local/share/ca-certificates/carrel.crt && update-ca-certificates >/dev/null 2>&1 || true; fi"
        ),
        *(f'{name}="$PWD/{_CERTIFICATES}"; export {name}' for name in _CERTIFICATE_VARIABLES),
    ]
    return "\n".join(lines) + "\n"


def feature_warnings(feature: Feature) -> tuple[str, ...]:
    """Deprecation and renaming (C238)."""
    metadata = feature.metadata
    warnings: list[str] = []
    if metadata.get("deprecated") is True:
        warnings.append(f"The feature {feature.name} is deprecated and gets no further updates.")
    current = metadata.get("currentId")
    if metadata.get("legacyIds") and isinstance(current, str) and current != metadata.get("id"):
        warnings.append(
            f"The feature {feature.name} was renamed to {current}; change the reference in devcontainer.json."
        )
    return tuple(warnings)
