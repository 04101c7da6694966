"""What of the settings each part below the server needs; shared by the two composition roots (ADR 0015)."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.spec import Limits
from carrel.devcontainer.features.advisories import ControlList, parse_control_list
from carrel.devcontainer.registry_settings import RegistrySettings
from carrel.runtimes.docker.settings import DockerSettings
from carrel.server.registry_auth import read_registry_auth
from carrel.server.registry_helpers import OCI_AUTH_VARIABLE, from_variable
from carrel.server.settings import Settings


def docker_settings(settings: Settings, installation: str, ca_bundle: bytes | None) -> DockerSettings:
    """What the Docker runtime needs of the settings; `installation` marks all that it makes."""
    local = settings.mode == "local"
    proxies = {
        "HTTP_PROXY": settings.http_proxy,
        "HTTPS_PROXY": settings.https_proxy,
        "NO_PROXY": settings.no_proxy,
    }
    return DockerSettings(
        installation=installation,
        host=settings.docker_host,
        base_image=settings.base_image,
        network_pool=settings.network_pool,
        ca_bundle=ca_bundle,
        proxies={name: value for name, value in proxies.items() if value},
        python_index=python_index(settings),
        limits=Limits(
            cpus=settings.default_cpus or None,
            memory_bytes=settings.default_memory_bytes or None,
            pids=settings.default_pids,
        ),
        local_folders=local and settings.allow_local_folders,
        source_protocols=frozenset(settings.allow_git_schemes),
        loopback_sources=local,
    )


def python_index(settings: Settings) -> str:
    """The index of Python packages. Raises `bad_value` for what is no address, or has a password in it."""
    text = settings.python_index
    parts = urlsplit(text)
    is_sound = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    if text and not (is_sound and re.fullmatch(r"[A-Za-z0-9._~:/?#@!&()*+,;=%-]+", text)):
        detail = "The setting python_index is no http address, or has a password in it."
        raise Problem("bad_value", detail, "Write `https://HOST/simple`.")
    return text


def read_ca_bundle(settings: Settings) -> bytes | None:
    """The organisation's certificates, or None."""
    if not settings.ca_bundle:
        return None
    try:
        return Path(settings.ca_bundle).read_bytes()
    except OSError as error:
        raise Problem(
            "bad_value", f"The setting ca_bundle: {settings.ca_bundle} cannot be read: {error.strerror}."
        ) from error


def registry_settings(settings: Settings) -> RegistrySettings:
    """How registries of features are reached, with the installation's credentials."""
    local = settings.mode == "local"
    credentials = read_registry_auth(Path(settings.registry_auth), helpers=local) if settings.registry_auth else {}
    own = from_variable(os.environ.get(OCI_AUTH_VARIABLE, "")) if local else {}
    return RegistrySettings(
        credentials={**credentials, **own},
        insecure_hosts=frozenset(settings.insecure_registries),
        mirrors=dict(pair.split("=", 1) for pair in settings.registry_mirrors if "=" in pair),
        tarball_hosts=frozenset(settings.feature_tarball_hosts),
        private_addresses=local,
        ca_file=settings.ca_bundle,
        proxy=settings.https_proxy,
        no_proxy=settings.no_proxy,
        cache_folder=str(settings.data_dir / "features"),
    )


def control_list(settings: Settings) -> ControlList:
    """What the administrator says of features; nothing without a file."""
    if not settings.feature_control_list:
        return ControlList()
    try:
        return parse_control_list(Path(settings.feature_control_list).read_bytes())
    except OSError as error:
        detail = f"The setting feature_control_list: {settings.feature_control_list} cannot be read: {error.strerror}."
        raise Problem("bad_value", detail) from error
