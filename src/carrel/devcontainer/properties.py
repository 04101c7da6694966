"""Every property of devcontainer.json: its type, and what Carrel does with it. `docs/reference/devcontainer.md` is printed from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

_SIZE = re.compile(r"\d+([tgmk]b)?")
Check = Callable[[Any], bool]
Support = Literal["supported", "policy", "carried", "ignored", "later"]


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _string_or_strings(value: Any) -> bool:
    return _string(value) or _strings(value)


def _environment(value: Any) -> bool:
    return _object(value) and all(isinstance(item, (str, int, float)) for item in value.values())


def _environment_or_null(value: Any) -> bool:
    return _object(value) and all(item is None or isinstance(item, (str, int, float)) for item in value.values())


def _objects(value: Any) -> bool:
    return _object(value) and all(_object(item) for item in value.values())


def _hook(value: Any) -> bool:
    return _string_or_strings(value) or (_object(value) and all(_string_or_strings(item) for item in value.values()))


def _cpus(value: Any) -> bool:
    return _integer(value) and value >= 1


def _size(value: Any) -> bool:
    return _string(value) and bool(_SIZE.fullmatch(value) or "${" in value)


def _gpu(value: Any) -> bool:
    return _boolean(value) or value == "optional" or _object(value)


def _string_or_boolean(value: Any) -> bool:
    return _string(value) or _boolean(value)


def _port(value: Any) -> bool:
    return (_integer(value) and 0 <= value <= 65535) or _string(value)


def _ports(value: Any) -> bool:
    return isinstance(value, list) and all(_port(item) for item in value)


def _port_or_ports(value: Any) -> bool:
    return _port(value) or _ports(value)


def _mounts(value: Any) -> bool:
    return isinstance(value, list) and all(_string(item) or _object(item) for item in value)


def _feature_options(value: Any) -> bool:
    return _object(value) and all(isinstance(item, (str, bool, dict, list)) for item in value.values())


def _any(_value: Any) -> bool:
    return True


_TYPES: dict[str, Check] = {
    "string": _string,
    "boolean": _boolean,
    "object": _object,
    "array of strings": _strings,
    "string or array of strings": _string_or_strings,
    "object of strings": _environment,
    "object of strings or null": _environment_or_null,
    "object of objects": _objects,
    "string, array of strings, or object of these": _hook,
    "array of ports": _ports,
    "port or array of ports": _port_or_ports,
    "array of strings or objects": _mounts,
    "object of options": _feature_options,
    "whole number, at least 1": _cpus,
    "size, as `4gb`": _size,
    "boolean, `optional`, or object": _gpu,
    "string or boolean": _string_or_boolean,
    "anything": _any,
}


@dataclass(frozen=True)
class Property:
    """One property, as the reference page lists it."""

    name: str
    type: str
    """A key of the table of types."""
    support: Support
    note: str
    values: tuple[str, ...] = ()
    """The only texts that are allowed; empty: any."""

    def accepts(self, value: Any) -> bool:
        """Whether `value` has the property's type."""
        return _TYPES[self.type](value)

    def has_value(self, value: Any) -> bool:
        """Whether `value` is one of the allowed; one with a variable is judged when that is replaced."""
        return not self.values or not isinstance(value, str) or value in self.values or "${" in value


Row = tuple[str, str, Support, str] | tuple[str, str, Support, str, tuple[str, ...]]


def table(*rows: Row) -> dict[str, Property]:
    """Rows of name, type, support, note and allowed values, by their name."""
    return {row[0]: Property(*row) for row in rows}


PROBES = ("none", "loginShell", "interactiveShell", "loginInteractiveShell")
WAIT_FOR = ("initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand")
HOOK = "string, array of strings, or object of these"
# fmt: off
PROPERTIES = table(
    ("$schema", "string", "ignored", "Names a schema for editors; has no effect."),
    ("name", "string", "supported", "Shown to people; names no container and no volume."),
    ("image", "string", "supported", "Used as it is, pulled where absent."),
    ("build", "object", "supported", "`dockerfile`, `context` (default: the Dockerfile's folder, D08), `args`, `target`, `cacheFrom`; `options` pass the policy."),
    ("dockerFile", "string", "supported", "Old form of `build.dockerfile`."),
    ("context", "string", "supported", "Old form of `build.context`."),
    ("dockerComposeFile", "string or array of strings", "supported", "Parsed by Carrel: several files, `.env`, `extends`, `include`, profiles; see the table of keys. An empty list means the default files (C178)."),
    ("service", "string", "supported", "The service that people work in; hooks, features and `remoteUser` are its."),
    ("runServices", "array of strings", "supported", "These and what they need are started; absent or empty: all."),
    ("workspaceFolder", "string", "supported", "Where processes start; may be given without workspaceMount (D13)."),
    ("workspaceMount", "string", "policy", "Honoured for its target; the source is the repository or a folder in it. Empty: no mount."),
    ("features", "object of options", "supported", "OCI, https tarballs where allowed, `./local` inside `.devcontainer`."),
    ("overrideFeatureInstallOrder", "array of strings", "supported", "An entry that is not installed gives a warning (D06, D07)."),
    ("containerEnv", "object of strings", "supported", "Environment of the container, fixed for its life."),
    ("remoteEnv", "object of strings or null", "supported", "Environment of people's processes; null removes a variable (D18)."),
    ("containerUser", "string", "supported", "Runs the image's command and feature entrypoints."),
    ("remoteUser", "string", "supported", "Runs hooks, terminals and editors."),
    ("updateRemoteUserUID", "boolean", "supported", "Only with a mounted local folder; volumes are owned by the user instead."),
    ("userEnvProbe", "string", "supported", "`none`, `loginShell`, `interactiveShell`, `loginInteractiveShell` (default).", PROBES),
    ("overrideCommand", "boolean", "supported", "Default true; with Compose false."),
    ("shutdownAction", "string", "carried", "A workspace is stopped by its own idle policy, not by a disconnecting tool.", ("none", "stopContainer", "stopCompose")),
    ("init", "boolean", "supported", "Always true in effect: Carrel's init is the first process of every workspace."),
    ("privileged", "boolean", "policy", "Refused unless granted."),
    ("capAdd", "array of strings", "policy", "Refused unless granted, one by one."),
    ("securityOpt", "array of strings", "policy", "Refused unless granted."),
    ("mounts", "array of strings or objects", "policy", "Named volumes, tmpfs and folders of the repository; other folders of the host are refused."),
    ("runArgs", "array of strings", "policy", "Read into settings; see the table of flags."),
    ("appPort", "port or array of ports", "policy", "Forwarded privately like `forwardPorts`; never published on the host."),
    ("forwardPorts", "array of ports", "supported", "Private to the owner."),
    ("portsAttributes", "object", "supported", "Label, protocol, onAutoForward; keys are ports, ranges, or expressions."),
    ("otherPortsAttributes", "object", "supported", "Attributes of ports without an entry."),
    ("initializeCommand", HOOK, "policy", "Never runs on a host or in the control plane; skipped with a warning."),
    ("onCreateCommand", HOOK, "supported", "Once per creation of the container."),
    ("updateContentCommand", HOOK, "supported", "Once per creation, and when a prebuild is refreshed."),
    ("postCreateCommand", HOOK, "supported", "Once per creation, after updateContentCommand."),
    ("postStartCommand", HOOK, "supported", "At every start."),
    ("postAttachCommand", HOOK, "supported", "With each start, and for each who comes later: terminal, shell, editor."),
    ("waitFor", "string", "supported", "The workspace is ready after this stage; the rest goes on behind (D16).", WAIT_FOR),
    ("hostRequirements", "object", "supported", "Compared with the workspace's size and the machine: what is not there is a warning. `storage` with the disk of an engine on the same machine. A GPU within the limit; merged values count (D24)."),
    ("secrets", "object", "supported", "Asked for at creation; the values are Carrel secrets, given to people's processes as variables. One that is not set is a warning."),
    ("customizations", "object", "supported", "`vscode`: extensions (a gallery, `./file.vsix`, `-id`) and settings; `carrel`: apps; every other tool's part is kept as it is, and served by the API."),
    ("extensions", "array of strings", "supported", "Old form of `customizations.vscode.extensions`."),
    ("settings", "object", "supported", "Old form of `customizations.vscode.settings`."),
    ("devPort", "anything", "carried", "Moves to `customizations.vscode.devPort`, which no server of ours reads."),
    ("additionalProperties", "object", "carried", "Kept as it is."),
)

BUILD = table(
    ("dockerfile", "string", "supported", "Path relative to devcontainer.json."),
    ("context", "string", "supported", "Folder relative to devcontainer.json; inside the repository."),
    ("args", "object of strings", "supported", "Build arguments."),
    ("target", "string", "supported", "Stage to build; stages after it are not run."),
    ("cacheFrom", "string or array of strings", "supported", "Images that serve as a cache; by BuildKit only: the classic builder would no longer use its own."),
    ("options", "array of strings", "policy", "A known subset of `docker build`; the rest is refused by name."),
)
# fmt: on
