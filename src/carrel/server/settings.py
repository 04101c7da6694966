"""Every setting of the server: one frozen typed object, read from the environment and an optional TOML file."""

from __future__ import annotations

import difflib
import tomllib
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import platformdirs

from carrel.core.accelerators import check_accelerator, read_accelerators
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.oidc.groups import parse_rules
from carrel.server.oidc.issuer import is_safe

OFF = "off"
UNSAID = -1
"""A number that nobody gave, where the default is another one in each mode."""
CONFIG_VARIABLE = "CARREL_CONFIG"
"""Environment variable with the path of the TOML file; without it `config.toml` in the data folder is read if present."""


def _setting(default: Any, text: str, *, shown: str = "") -> Any:
    """A field of Settings: its default, its line in the reference, how the reference shows a computed default."""
    return field(default=default, metadata={"help": text, "shown": shown})


# A table: one setting a line.
# fmt: off
@dataclass(frozen=True)
class Settings:
    """What an administrator can choose; each field is a setting, `CARREL_<NAME>` in the environment."""

    data_dir: Path = _setting(Path(platformdirs.user_data_path("carrel")), "Folder of the database, the keys and the token file.", shown="the user's data folder, `~/.local/share/carrel` on Linux")  # noqa: RUF009  frozen
    mode: Literal["local", "team"] = _setting("local", "`local`: one owner, signed in by token file and one-time link. `team`: many users.")
    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(7070, "Port to listen on, for the API, the pages and the apps.")
    public_url: str = _setting("", "Address that people use for the dashboard and the API, without a path.", shown="`http://HOST:PORT`")
    gateway_host: str = _setting("127.0.0.1", "Address on which the SSH gateway listens.")
    gateway_port: str = _setting("7071", "Port on which the SSH gateway listens; `off`: there is none in this server.")
    gateway_address: str = _setting("", "Where people reach the SSH gateway, `HOST` or `HOST:PORT`, where that differs from what it listens on.", shown="the host of public_url and gateway_port")
    ssh_certificate_hours: int = _setting(12, "Life of an SSH certificate that `carrel login` gets; 0: none is issued.")
    apps_domain: str = _setting("localhost", "Domain below which apps have their host names; never the dashboard's own host.")
    database_url: Secret = _setting(Secret(""), "SQLAlchemy address: `sqlite:///PATH` or `postgresql://...`.", shown="`carrel.sqlite` in the data folder")  # noqa: RUF009  frozen
    key_file: str = _setting("", "File of the encryption keys, readable by its owner only; the same for all servers of an installation.", shown="`keys` in the data folder")
    component_token_file: str = _setting("", "File with the secret of separate `carrel proxy` and `carrel gateway` processes, readable by its owner only; made where there is none; the same for all servers of an installation.", shown="`component-token` in the data folder")
    docker_host: str = _setting("", "Docker Engine: `unix://PATH`, `tcp://...` or `ssh://...`.", shown="`DOCKER_HOST`, else the local socket")
    network_pool: str = _setting("10.213.0.0/16", "Addresses from which each workspace's network gets a small subnet.")
    ca_bundle: str = _setting("", "PEM file of certificates that clone, build and run trust in addition.", shown="`SSL_CERT_FILE`")
    http_proxy: str = _setting("", "HTTP proxy for clone, build and run.")
    https_proxy: str = _setting("", "HTTPS proxy for clone, build and run.")
    no_proxy: str = _setting("", "Hosts that are reached without the proxy, comma separated.")
    default_image: str = _setting("mcr.microsoft.com/devcontainers/base:bookworm", "Image for a repository without a devcontainer.json.")
    workspace_image: str = _setting("carrel/workspace-base:py3.11", "Image that specifications of images start from where they name none; Carrel's own one is built where it is first needed, and takes the place of one that cannot be had.")
    base_image: str = _setting("debian:12-slim", "Small Debian 12 image for the toolbox, and for a default image where the one above cannot be had; made from Debian's packages where no registry answers.")
    python_index: str = _setting("", "Index of Python packages (`https://pypi.example.com/simple`) for pip and uv in image builds and workspaces; without a password, which everybody could read there.", shown="PyPI")
    registry_auth: str = _setting("", "File of registry credentials in the form of Docker's `config.json`; in local mode its credential helpers are asked, and `DEVCONTAINERS_OCI_AUTH` is read.", shown="`~/.docker/config.json` in local mode")
    registry_mirrors: tuple[str, ...] = _setting((), "Registries to try first, each as `host=mirror`.")
    feature_tarball_hosts: tuple[str, ...] = _setting((), "Hosts that features may come from as https archives; `*` is any host.")
    feature_control_list: str = _setting("", "File that names features which must not be used, and faults of features, in the form of containers.dev's control manifest.")
    project_grants: tuple[str, ...] = _setting((), "What the configurations of a project may have beyond the policy, each as `project=grant`; `*` is every project.")
    insecure_registries: tuple[str, ...] = _setting((), "Registry hosts that are asked over plain HTTP.")
    build_cache: str = _setting("", "Registry and repository prefix (`registry.example.com/carrel`) that built images are pushed to, and pulled from in the place of building; credentials as in registry_auth.", shown="none")
    prebuild_max_age_seconds: int = _setting(86400, "Age at which a prebuild is too old for a new workspace to begin with; 0: none is.")
    allow_git_schemes: tuple[str, ...] = _setting(("https", "ssh"), "Schemes of git URLs that are accepted; `http`, `git` and `file` may be added.")
    git_credential_reach: Literal["all", "source", "off"] = _setting("all", "Hosts whose credential git in a workspace gets from its owner: all that he stored one for, only the host of the workspace's source, or none.")
    git_oauth: tuple[str, ...] = _setting((), "Git hosts at which people log in by OAuth's device flow (`carrel git-credential login`), each as `host=client_id`, with `;github`, `;gitlab` or `;generic` where the host's name does not say it.")
    allow_local_folders: bool = _setting(True, "In local mode the owner may use folders of this machine as a source.")
    default_project: str = _setting("default", "Project of a workspace that names none, where its owner's preferences name none.")
    default_domain: Literal["development", "staging", "production"] = _setting("development", "Domain of a workspace that names none, where its owner's preferences name none.")
    default_cpus: float = _setting(0.0, "CPUs of a workspace that asks for none; 0: no limit.")
    default_memory_bytes: int = _setting(0, "Memory of a workspace that asks for none, in bytes; 0: no limit.")
    default_pids: int = _setting(4096, "Processes of a workspace that asks for none.")
    max_cpus: float = _setting(0.0, "Most CPUs that one workspace may ask for; 0: what the machine has.")
    max_memory_bytes: int = _setting(0, "Most memory that one workspace may ask for, in bytes; 0: what the machine has.")
    max_gpus: int = _setting(0, "Most GPUs that one workspace may ask for.")
    max_workspaces: int = _setting(0, "Workspaces that one user may have, trash excluded; 0: no limit.")
    max_running: int = _setting(0, "Workspaces that one user may run at a time; 0: no limit.")
    user_cpus: float = _setting(0.0, "CPUs that the running workspaces of one user may have together; 0: no limit.")
    user_memory_bytes: int = _setting(0, "Memory that the running workspaces of one user may have together, in bytes; 0: no limit.")
    user_gpus: int = _setting(0, "GPUs that the running workspaces of one user may have together; 0: no limit.")
    user_disk_bytes: int = _setting(0, "Disk of one user's workspaces, trash included, over which none of them is started, in bytes; 0: no limit.")
    project_workspaces: int = _setting(0, "Workspaces in one project, trash excluded, where the project says nothing; 0: no limit.")
    project_running: int = _setting(0, "Workspaces that run in one project at a time, where it says nothing; 0: no limit.")
    project_cpus: float = _setting(0.0, "CPUs of all running workspaces of one project, where it says nothing; 0: no limit.")
    project_memory_bytes: int = _setting(0, "Memory of all running workspaces of one project, in bytes, where it says nothing; 0: no limit.")
    project_gpus: int = _setting(0, "GPUs of all running workspaces of one project, where it says nothing; 0: no limit.")
    project_disk_bytes: int = _setting(0, "Disk of one project's workspaces, trash included, over which none is started, in bytes, where it says nothing; 0: no limit.")
    installation_workspaces: int = _setting(0, "Workspaces of the whole installation, trash excluded; 0: no limit.")
    installation_running: int = _setting(0, "Workspaces that run in the whole installation at a time; 0: no limit.")
    installation_cpus: float = _setting(0.0, "CPUs of all running workspaces together; 0: no limit.")
    installation_memory_bytes: int = _setting(0, "Memory of all running workspaces together, in bytes; 0: no limit.")
    installation_gpus: int = _setting(0, "GPUs of all running workspaces together; 0: what the machine has.")
    installation_disk_bytes: int = _setting(0, "Disk of all workspaces, trash included, over which none is started, in bytes; 0: no limit.")
    disk_measure_seconds: int = _setting(600, "How often the disk of workspaces is measured; 0: never, and no limit on disk takes effect.")
    template_sync_seconds: int = _setting(600, "How often the catalog is brought to what its git repositories have; 0: only when somebody asks.")
    accelerators: tuple[str, ...] = _setting((), "Accelerators beyond those that are known, each as `NAME=RESOURCE` or `NAME=RESOURCE;LABEL=VALUE`.")
    machine_accelerator: str = _setting("", "Which accelerator the GPUs of this server's machine are, where its engine does not say.")
    machine_gpus: int = _setting(0, "How many GPUs this server's machine has, where its engine does not count them.")
    ttl_seconds: int = _setting(1800, "Idleness after which a workspace stops, where it says nothing; 0: never.")
    max_life_seconds: int = _setting(86400, "Longest life of one start, where the workspace says nothing; 0: no cap.")
    hard_life_seconds: int = _setting(0, "Ceiling that no extension of a life passes; 0: none.")
    ttl_min_seconds: int = _setting(UNSAID, "Shortest idle TTL that a workspace or a project may ask for.", shown="`300`; `60` in local mode")
    ttl_max_seconds: int = _setting(UNSAID, "Longest idle TTL that a workspace or a project may ask for; 0: no ceiling, and never is possible.", shown="`86400`; `0` in local mode")
    ending_warning_seconds: int = _setting(900, "How long before the end of its life the people of a workspace are warned.")
    archive_after_days: int = _setting(UNSAID, "Days at rest after which a workspace is archived, where its project says nothing; 0: never.", shown="`14`; `0` in local mode")
    delete_after_days: int = _setting(UNSAID, "Days at rest after which a workspace goes to the trash, where its project says nothing; 0: never.", shown="`30`; `0` in local mode")
    trash_days: int = _setting(7, "Days that a deleted workspace's volumes stay in the trash.")
    audit_days: int = _setting(0, "Days that rows of the audit are kept; 0: for ever.")
    session_days: int = _setting(30, "Days that a browser stays signed in.")
    token_max_days: int = _setting(0, "Longest life of a personal or service token that is made from now on, in days; 0: no limit.")
    password_sign_in: bool = _setting(True, "People sign in with a password, where they have chosen one; in local mode nobody needs one.")
    oidc_issuer: str = _setting("", "OpenID Connect provider that people sign in through, by its issuer (`https://id.example.org`; http only on this machine).")
    oidc_client_id: str = _setting("", "What Carrel is called at the provider.")
    oidc_client_secret: Secret = _setting(Secret(""), "Its secret there; without one it is a public client.")  # noqa: RUF009  frozen
    oidc_client_secret_file: str = _setting("", "File with that secret, in the place of `oidc_client_secret`.")
    oidc_name: str = _setting("Single sign-on", "What the button on the sign-in page says.")
    oidc_scopes: tuple[str, ...] = _setting(("profile", "email"), "Scopes that are asked for beside `openid`; many providers give groups for `groups`.")
    oidc_create_users: bool = _setting(True, "Who signs in through the provider for the first time gets an account.")
    oidc_role: Literal["viewer", "developer", "maintainer"] = _setting("developer", "Role of such an account, and of everybody to whom no role rule of `oidc_groups` applies.")
    oidc_groups: tuple[str, ...] = _setting((), "What groups give, at each sign-in: `GROUP=ROLE`, `GROUP=PROJECT:ROLE`, `GROUP=PROJECT/DOMAIN:ROLE`.")
    oidc_required_groups: tuple[str, ...] = _setting((), "Only who is in one of these groups may sign in through the provider.")
    oidc_groups_claim: str = _setting("groups", "Claim with the groups.")
    oidc_name_claim: str = _setting("preferred_username", "Claim from which the name of a new account is made.")
    login_link_seconds: int = _setting(300, "Life of a one-time login link.")
    port_visibility_ceiling: Literal["private", "project", "public"] = _setting("public", "Widest circle to which anybody may open a port or an app of a workspace; a lower one takes effect on what is open, too.")
    public_port_max_hours: int = _setting(24, "Longest time for which a port is public; 0: no end.")
    guest_link_max_hours: int = _setting(72, "Longest life of a guest link; 0: nobody makes any.")
    step_idle_seconds: int = _setting(600, "Time without progress after which a step fails (`no_progress`).")
    lease_seconds: int = _setting(30, "Time that a server owns a workspace without renewing; two servers take over after it.")
    rescan_seconds: int = _setting(60, "How often all workspaces are looked at without a wake-up.")
    workers: int = _setting(16, "Workspaces that one server works on at a time.")
    stop_grace_seconds: int = _setting(10, "Time that processes have to end before they are killed.")
    hook_timeout_seconds: int = _setting(3600, "Longest run of one command of a life-cycle hook; then it is ended.")
    resume_seconds: int = _setting(600, "How long SSH and terminals of a client whose network is gone are kept for it; nothing is lost when it comes back in time.")
    extension_gallery: str = _setting("", "Gallery of VS Code's extensions: the address of its API, or JSON as code-server's `EXTENSIONS_GALLERY`.", shown="code-server's own, Open VSX")
    extension_folder: str = _setting("", "Folder of `.vsix` files on the server, which workspaces get extensions from before they ask the gallery.")
    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "Least severe log line that is written.")
    log_format: Literal["text", "json"] = _setting("text", "Form of the log on stderr.")

    @property
    def sqlite_path(self) -> Path:
        """The default database file."""
        return self.data_dir / "carrel.sqlite"

    @property
    def ssh_port(self) -> int | None:
        """On which the gateway listens; None: it is off."""
        return None if self.gateway_port == OFF else int(self.gateway_port)

    @property
    def ssh_address(self) -> tuple[str, int]:
        """Host and port by which people reach a gateway; port 0: there is none."""
        host, _, port = self.gateway_address.partition(":")
        return host or urlsplit(self.public_url).hostname or self.gateway_host, int(port or self.ssh_port or 0)

    @property
    def token_path(self) -> Path:
        """The owner's token file of a local-mode server (0600)."""
        return self.data_dir / "token"
# fmt: on


@dataclass(frozen=True)
class Setting:
    """One row of the reference."""

    name: str
    type: Any
    default: Any
    help: str
    variable: str
    shown: str
    """How the reference shows the default."""


def _table() -> tuple[Setting, ...]:
    hints = typing.get_type_hints(Settings)
    rows = []
    for f in fields(Settings):
        shown = f.metadata["shown"] or _show(f.default)
        rows.append(Setting(f.name, hints[f.name], f.default, f.metadata["help"], f"CARREL_{f.name.upper()}", shown))
    return tuple(rows)


def _show(value: Any) -> str:
    if isinstance(value, tuple):
        value = ", ".join(value)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "none"


SETTINGS = _table()
"""All settings, in the order of the reference."""


def load_settings(
    environ: Mapping[str, str], config: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """The settings from, strongest first: overrides (command line), environment, TOML file, defaults.

    Args:
        environ: the process's environment.
        config: the TOML file; None: `CARREL_CONFIG`, else `config.toml` in the data folder if there is one.
        overrides: values by setting name.

    Raises:
        Problem: `bad_value` names the setting, where it was read and what would do.
    """
    names = {row.name: row for row in SETTINGS}
    values: dict[str, Any] = {}
    data_dir = Path(str((overrides or {}).get("data_dir") or environ.get("CARREL_DATA_DIR") or Settings.data_dir))
    for name, value in _read_file(_config_path(environ, config, data_dir)).items():
        if name not in names:
            raise _unknown(name, names)
        values[name] = _parse(names[name], value, "the configuration file")
    for row in SETTINGS:
        if environ.get(row.variable, "") != "":
            values[row.name] = _parse(row, environ[row.variable], row.variable)
    for name, value in (overrides or {}).items():
        if name not in names:
            raise _unknown(name, names)
        values[name] = _parse(names[name], value, f"--{name.replace('_', '-')}")
    return _completed(values, environ)


def _completed(values: dict[str, Any], environ: Mapping[str, str]) -> Settings:
    """Settings with the computed defaults filled in."""
    plain = Settings(**values)
    shown_host = f"[{plain.host}]" if ":" in plain.host else plain.host
    computed: dict[str, Any] = {
        "data_dir": plain.data_dir.expanduser().absolute(),
        "public_url": (plain.public_url or f"http://{shown_host}:{plain.port}").rstrip("/"),
        "key_file": plain.key_file or str(plain.data_dir / "keys"),
        "component_token_file": plain.component_token_file or str(plain.data_dir / "component-token"),
        "docker_host": plain.docker_host or environ.get("DOCKER_HOST", ""),
        "registry_auth": plain.registry_auth
        or (str(Path("~/.docker/config.json").expanduser()) if plain.mode == "local" else ""),
        "ca_bundle": plain.ca_bundle or environ.get("SSL_CERT_FILE", ""),
    }
    if not plain.database_url:
        computed["database_url"] = Secret(f"sqlite:///{computed['data_dir'] / 'carrel.sqlite'}")
    if plain.oidc_client_secret_file:
        computed["oidc_client_secret"] = _read_secret(plain.oidc_client_secret_file)
    _check_gateway(plain)
    check_accelerator(plain.machine_accelerator, read_accelerators(plain.accelerators))
    _check_oidc(plain)
    return Settings(**values | computed)


def _read_secret(path: str) -> Secret:
    try:
        return Secret(Path(path).expanduser().read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("bad_value", f"oidc_client_secret_file: {path} cannot be read.") from error


def _check_oidc(plain: Settings) -> None:
    """Raise `bad_value` where the provider's address or a rule about groups is none."""
    if not plain.oidc_issuer:
        return
    if not is_safe(plain.oidc_issuer) or urlsplit(plain.oidc_issuer).query:
        hint = "Write https://HOST[/PATH], letter by letter as the provider has it; http only on this machine."
        raise Problem("bad_value", f"oidc_issuer: {plain.oidc_issuer[:200]!r} is no issuer.", hint)
    if not plain.oidc_client_id:
        raise Problem("bad_value", "oidc_client_id is missing.", "Register Carrel at the provider; it gives the id.")
    parse_rules(plain.oidc_groups)


def _check_gateway(plain: Settings) -> None:
    """Raise `bad_value` where the gateway's port or address is none."""
    if plain.gateway_port != OFF and not _is_port(plain.gateway_port):
        raise Problem(
            "bad_value", f"gateway_port: {plain.gateway_port!r} is no port.", "A number up to 65535, or `off`."
        )
    host, colon, port = plain.gateway_address.partition(":")
    if colon and not (host and _is_port(port)):
        raise Problem(
            "bad_value", f"gateway_address: {plain.gateway_address!r} is none.", "Write `HOST` or `HOST:PORT`."
        )


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and int(text) < 65536


def _config_path(environ: Mapping[str, str], config: Path | None, data_dir: Path) -> Path | None:
    if config is not None:
        return config
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    default = data_dir / "config.toml"
    return default if default.is_file() else None


def _read_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Problem("bad_value", f"The configuration file {path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Problem("bad_value", f"The configuration file {path} is not TOML: {error}.") from error


def _unknown(name: str, names: Mapping[str, Setting]) -> Problem:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "docs/reference/settings.md lists all settings."
    return Problem("bad_value", f"There is no setting {name!r}.", hint=hint)


def _parse(row: Setting, value: Any, where: str) -> Any:
    try:
        return _convert(row.type, value)
    except ValueError as error:
        detail = f"{where}: {error}."
        raise Problem("bad_value", detail, hint=f"{row.name}: {row.help} Default: {row.shown}.") from error


def _convert(kind: Any, value: Any) -> Any:
    """`value` (text, or a TOML value) as `kind`. Raises ValueError saying what is expected."""
    if typing.get_origin(kind) is Literal:
        if value not in typing.get_args(kind):
            expected = ", ".join(typing.get_args(kind))
            raise ValueError(f"expected one of {expected}")
        return value
    if typing.get_origin(kind) is tuple:
        items = value.split(",") if isinstance(value, str) else value
        return tuple(text for text in (str(item).strip() for item in items) if text)
    if kind is bool:
        return _boolean(value)
    if kind in (int, float):
        return _number(kind, value)
    if isinstance(value, Secret):
        return value
    if not isinstance(value, (str, Path)):
        raise ValueError("expected text")
    return kind(value)


def _boolean(value: Any) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(value).casefold() not in words:
        raise ValueError("expected true or false")
    return words[str(value).casefold()]


def _number(kind: type, value: Any) -> int | float:
    message = "expected a number, not negative"
    if isinstance(value, (bool, types.NoneType)):
        raise ValueError(message)
    try:
        number: int | float = kind(value)
    except (TypeError, ValueError) as error:
        raise ValueError(message) from error
    if not 0 <= number < float("inf"):
        raise ValueError(message)
    return number


assert all(f.default is not MISSING for f in fields(Settings)), "every setting has a default"  # noqa: S101
