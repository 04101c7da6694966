"""Features and templates as their authors write them: what the reference CLI publishes in these tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

INSTALL = '#!/bin/sh\nset -e\necho "$0 installs"\n'


def feature(name: str, version: str = "1.0.0", **more: Any) -> dict[str, str]:
    """The files of a feature, below its folder."""
    metadata = {"id": name, "version": version, "name": f"The feature {name}", **more}
    return {
        f"{name}/devcontainer-feature.json": json.dumps(metadata, indent=2, ensure_ascii=False),
        f"{name}/install.sh": INSTALL,
        f"{name}/inner/data.txt": f"data of {name}\n",
    }


def features(registry: str) -> dict[str, str]:
    """A collection that uses all of the metadata; dependencies are named by their place in the registry."""
    place = f"{registry}/public/features"
    return {
        **feature("base", options={"level": {"type": "string", "default": "low", "description": "Höhe"}}),
        **feature(
            "hello",
            "1.2.3",
            dependsOn={f"{place}/base:1": {"level": "high"}},
            installsAfter=[f"{place}/zeta"],
            legacyIds=["greeting"],
            options={
                "who": {"type": "string", "proposals": ["world"], "default": "world"},
                "loud": {"type": "boolean"},
            },
            containerEnv={"HELLO": "yes", "PATH": "/opt/hello:${PATH}"},
            entrypoint="/usr/local/share/hello.sh",
            mounts=[{"source": "hello-${devcontainerId}", "target": "/var/hello", "type": "volume"}],
            capAdd=["SYS_PTRACE"],
            customizations={"vscode": {"extensions": ["a.b"], "settings": {"x": 1}}},
            postCreateCommand="echo hello",
        ),
        **feature("late", installsAfter=[f"{place}/greeting"]),
        **feature("zeta", "0.9.0"),
        **feature("twice", dependsOn={f"{place}/base": {"level": "low"}, f"{place}/hello:1.2": {}}),
    }


def later(registry: str) -> dict[str, str]:
    """Newer versions, and a fix of an old one."""
    return {
        **feature("base", "1.1.0"),
        **feature("hello", "2.0.0-beta.1"),
        **feature("zeta", "0.8.1"),
    }


TEMPLATE = {
    "id": "python",
    "version": "1.0.0",
    "name": "Python",
    "description": "With a beard",
    "options": {
        "imageVariant": {"type": "string", "enum": ["3.12", "3.11"], "default": "3.12"},
        "nodeVersion": {"type": "string", "proposals": ["none", "lts"], "default": "lts"},
        "withDatabase": {"type": "boolean", "default": True},
    },
    "optionalPaths": [".github/*", "docs/*", "tool.cfg"],
}
CONFIGURATION = """\
{
    // For ${templateOption:imageVariant}
    "name": "Python",
    "image": "example.org/python:${templateOption: imageVariant }",
    /* node */
    "containerEnv": { "NODE": "${templateOption:nodeVersion}", "DB": "${templateOption:withDatabase}", "NO": "${templateOption:none}" }, // end
}
"""


def templates(registry: str) -> dict[str, str]:
    """Templates; the shapes of their devcontainer.json are those that features are added to."""
    shapes = {
        "python": CONFIGURATION,
        "empty": '{ "image": "debian:12" }',
        "tight": '{"image":"debian:12","features":{"a.example/x/y:1":{}}}\n',
        "tabs": '{\n\t"image": "debian:12",\n\t"features": {\n\t\t"a.example/x/y:1": {} // keep\n\t},\n\t"remoteUser": "dev"\n}\n',
        "spaces": '{\n  "image": "debian:12",\n  "features": {}\n}\n',
        "windows": '{\r\n    "image": "debian:12",\r\n    "features": {\r\n        "a.example/x/y:1": { "version": "1" }\r\n    }\r\n}\r\n',
        "trailing": '{\n  // first\n  "image": "debian:12", // image\n  /* last */\n}\n',
    }
    files: dict[str, str] = {}
    for name, text in shapes.items():
        metadata = TEMPLATE if name == "python" else {"id": name, "version": "2.1.0", "name": name}
        files[f"{name}/devcontainer-template.json"] = json.dumps(metadata)
        files[f"{name}/.devcontainer{'.json' if name == 'tight' else '/devcontainer.json'}"] = text
        files[f"{name}/README.md"] = "not copied"
    files |= {
        "python/.github/dependabot.yml": "version: ${templateOption:imageVariant}\n",
        "python/docs/a.md": "a ${templateOption:withDatabase}\n",
        "python/docs/b/c.md": "c\n",
        "python/tool.cfg": "[tool]\n",
        "python/src/README.md": "is copied: ${templateOption:nodeVersion}${templateOption:nodeVersion}\n",
        "python/NOTES.md": "not copied",
    }
    return files


def write(files: Mapping[str, str | bytes], folder: Path) -> Path:
    """Put files into a folder."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
