"""Properties inside properties of devcontainer.json: what hostRequirements, ports, mounts, secrets and VS Code's part may hold."""

from __future__ import annotations

from collections.abc import Mapping

from carrel.devcontainer.properties import Property, table

_AUTO_FORWARD = ("notify", "openBrowser", "openBrowserOnce", "openPreview", "silent", "ignore")
# fmt: off
HOST_REQUIREMENTS = table(
    ("cpus", "whole number, at least 1", "supported", "More than the workspace's size gives a warning (D25)."),
    ("memory", "size, as `4gb`", "supported", "`kb`, `mb`, `gb`, `tb` are powers of 1024; without one, bytes."),
    ("storage", "size, as `4gb`", "supported", "Compared with the disk of an engine on the same machine; volumes have no size of their own on a Docker Engine."),
    ("gpu", "boolean, `optional`, or object", "supported", "Within the workspace's size; `optional` never holds up a start."),
)
PORT_ATTRIBUTES = table(
    ("label", "string", "supported", "Shown beside the port."),
    ("protocol", "string", "supported", "`https`: the proxy speaks TLS to the port, and accepts its certificate.", ("http", "https")),
    ("onAutoForward", "string", "carried", "Told to who shows ports: every one is private, and none opens by itself.", _AUTO_FORWARD),
    ("requireLocalPort", "boolean", "carried", "Ports have host names of their own, so none is taken."),
    ("elevateIfNeeded", "boolean", "carried", "Ports have host names of their own, so low numbers need nothing."),
)
MOUNT = table(
    ("type", "string", "policy", "`volume`, `bind` of a folder of the repository, `tmpfs`.", ("bind", "volume", "tmpfs")),
    ("source", "string", "policy", "Name of a volume of the workspace, or a folder of the repository; without one a volume is nameless."),
    ("target", "string", "supported", "Absolute folder in the container; of equal ones the last mount counts."),
    ("readonly", "boolean", "supported", "As in the text form."),
    ("external", "boolean", "ignored", "A volume is the workspace's own, or the project's with the grant `shared-volumes`."),
)
SECRET = table(
    ("description", "string", "supported", "Shown where the value is asked for."),
    ("documentationUrl", "string", "supported", "Shown where the value is asked for."),
)
VSCODE = table(
    ("extensions", "array of strings", "supported", "United over image, features and configuration; `-publisher.name` takes one away."),
    ("settings", "object", "supported", "Settings of the machine; per key the last one counts."),
    ("devPort", "anything", "carried", "No server of ours reads it."),
)
# fmt: on
INNER: Mapping[str, Mapping[str, Property]] = {
    "hostRequirements": HOST_REQUIREMENTS,
    "portsAttributes.*": PORT_ATTRIBUTES,
    "otherPortsAttributes": PORT_ATTRIBUTES,
    "mounts.*": MOUNT,
    "secrets.*": SECRET,
    "customizations.vscode": VSCODE,
}
"""Where an object of devcontainer.json stands (`*`: each item) -> its properties."""
