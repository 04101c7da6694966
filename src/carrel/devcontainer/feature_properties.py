"""Every property of devcontainer-feature.json: its type, and what Carrel does with it. The reference page is printed from it."""

from __future__ import annotations

from carrel.devcontainer.properties import HOOK, table

# fmt: off
FEATURE = table(
    ("id", "string", "supported", "Required. For a local feature the folder should have the same name, else a warning."),
    ("version", "string", "supported", "Required; recorded in the lockfile."),
    ("name", "string", "supported", "Required only to publish."),
    ("description", "string", "carried", "Shown by catalogues."),
    ("documentationURL", "string", "supported", "Named when its installation fails."),
    ("licenseURL", "string", "carried", "Shown by catalogues."),
    ("keywords", "array of strings", "carried", "Shown by catalogues."),
    ("options", "object of objects", "supported", "Reach `install.sh` as variables, literally (D31); enumerations and types give warnings (D32)."),
    ("dependsOn", "object of options", "supported", "Installed before it, with their own dependencies."),
    ("installsAfter", "array of strings", "supported", "Only orders; one that cannot be resolved is ignored (D57)."),
    ("legacyIds", "array of strings", "supported", "Old names count in `installsAfter`."),
    ("currentId", "string", "supported", "The new name of a renamed feature; a warning says so."),
    ("deprecated", "boolean", "supported", "Gives a warning."),
    ("containerEnv", "object of strings", "supported", "Part of the image, set before its installation; `$NAME` refers to what was set before."),
    ("entrypoint", "string", "supported", "Runs at every start of the container, as its user, in install order."),
    ("init", "boolean", "supported", "Always true in effect."),
    ("privileged", "boolean", "policy", "Refused unless granted."),
    ("capAdd", "array of strings", "policy", "Refused unless granted, one by one."),
    ("securityOpt", "array of strings", "policy", "Refused unless granted."),
    ("mounts", "array of strings or objects", "policy", "As in devcontainer.json."),
    ("customizations", "object", "supported", "Come before those of devcontainer.json."),
    ("onCreateCommand", HOOK, "supported", "Before the one of devcontainer.json; in install order."),
    ("updateContentCommand", HOOK, "supported", "The same."),
    ("postCreateCommand", HOOK, "supported", "The same."),
    ("postStartCommand", HOOK, "supported", "The same."),
    ("postAttachCommand", HOOK, "supported", "The same."),
    ("extensions", "array of strings", "supported", "Old form of `customizations.vscode.extensions`."),
    ("settings", "object", "supported", "Old form of `customizations.vscode.settings`."),
)
OPTION = table(
    ("type", "string", "supported", "A value of another type gives a warning.", ("string", "boolean")),
    ("default", "string or boolean", "supported", "Used where nothing is given."),
    ("enum", "array of strings", "supported", "Another value gives a warning, and is passed all the same."),
    ("proposals", "array of strings", "carried", "Offered by editors."),
    ("description", "string", "carried", "Shown by editors."),
)
# fmt: on
