"""Generated configurations with local features and images with labels: values of the right types in every property that is merged."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from tests.integration.oracle.cases import Case

Make = Callable[[random.Random], Any]
_TEXTS = (
    "plain", "$X ${Y}", "${localEnv:USER}", "${localEnv:NO:def}", "${containerWorkspaceFolder}/x", "${devcontainerId}",
    "${containerEnv:PATH}",
)  # fmt: skip
_HOOKS = ("onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand")
_PORTS = (3000, "localhost:3000", "3000", "db:1", 5000)


def _text(choice: random.Random) -> str:
    return choice.choice(_TEXTS)


def _hook(choice: random.Random) -> Any:
    return choice.choice(
        [_text(choice), [_text(choice), "b"], {"a": _text(choice), "b": ["c", _text(choice)]}, "", [], {}]
    )


def _boolean(choice: random.Random) -> bool:
    return choice.random() < 0.5


def _some(*values: Any) -> Make:
    return lambda choice: choice.sample(values, choice.randint(0, len(values)))


def _one(*values: Any) -> Make:
    return lambda choice: choice.choice(values)


def _mounts(choice: random.Random) -> list[Any]:
    target = [f"/t{choice.randint(0, 3)}" for _ in range(4)]
    forms = (
        f"source=s,target={target[0]},type=volume",
        {"source": _text(choice), "target": target[1], "type": "volume"},
        f"src=a,dst={target[2]}",
        f"type=tmpfs,destination={target[3]}",
    )
    return choice.choices(forms, k=choice.randint(0, 3))


def _customizations(choice: random.Random) -> dict[str, Any]:
    tools = choice.sample(("vscode", "x", "codespaces"), choice.randint(0, 2))
    return {tool: {"extensions": [_text(choice)], "settings": {"k": _text(choice)}} for tool in tools}


def _variables(choice: random.Random) -> dict[str, Any]:
    return {choice.choice("AB"): choice.choice([_text(choice), None])}


def _requirements(choice: random.Random) -> dict[str, Any]:
    sizes = {"memory": choice.choice(["1gb", "512mb", "2048"]), "storage": choice.choice(["1tb", "32gb"])}
    return {"cpus": choice.randint(1, 4), **sizes, "gpu": choice.choice(["optional", False])}


_BOTH: dict[str, Make] = {
    **dict.fromkeys(_HOOKS, _hook),
    "init": _boolean,
    "privileged": _boolean,
    "capAdd": _some("A", "B", "C"),
    "securityOpt": _some("seccomp=unconfined", "label=disable"),
    "mounts": _mounts,
    "customizations": _customizations,
}
_CONFIGURATION: dict[str, Make] = {
    **_BOTH,
    "remoteUser": _one("a", "b", ""),
    "containerUser": _one("a", "b", ""),
    "remoteEnv": _variables,
    "containerEnv": lambda choice: {choice.choice("AB"): _text(choice)},
    "forwardPorts": _some(*_PORTS),
    "portsAttributes": lambda choice: {choice.choice("12"): {"label": _text(choice)}},
    "otherPortsAttributes": lambda choice: {"label": _text(choice)},
    "hostRequirements": _requirements,
    "waitFor": _one("onCreateCommand", "postCreateCommand"),
    "overrideCommand": _boolean,
    "updateRemoteUserUID": _boolean,
    "userEnvProbe": _one("none", "loginShell"),
    "shutdownAction": _one("none", "stopContainer"),
}
_FEATURE: dict[str, Make] = {
    **_BOTH,
    "entrypoint": _one("/a", "/b ${localEnv:USER}", ""),
    "extensions": lambda _: ["old.one"],
    "settings": lambda _: {"old": 1},
    "containerEnv": lambda _: {"F": "1"},
    "remoteUser": lambda _: "not a feature's to say",
}
_OPTIONS: tuple[Any, ...] = ({}, "2", True, {"version": "3"}, {"x": "${localEnv:USER}"})


def generated(seed: int) -> Case:
    """A repository; the same seed always makes the same."""
    choice = random.Random(seed)
    names = [f"f{index}" for index in range(choice.randint(0, 4))]
    wanted = choice.sample(names, choice.randint(0, len(names)))
    configuration = {"image": "base", "hostRequirements": {"cpus": 1}, **_entry(choice, _CONFIGURATION)}
    configuration |= {"features": {f"./{name}": choice.choice(_OPTIONS) for name in wanted}} if wanted else {}
    files = {"devcontainer.json": configuration}
    for index, name in enumerate(names):
        feature = {"id": name, "version": "1.0.0", **_entry(choice, _FEATURE)}
        for key, make in (("dependsOn", lambda one: {f"./{one}": {}}), ("installsAfter", lambda one: [f"./{one}"])):
            feature |= {key: make(choice.choice(names[:index]))} if index and choice.random() < 0.4 else {}
        files[f"{name}/devcontainer-feature.json"] = feature
        files[f"{name}/install.sh"] = {}
    labels = [
        _entry(choice, _FEATURE) | {"id": "z"} if choice.random() < 0.5 else _entry(choice, _CONFIGURATION)
        for _ in range(choice.randint(0, 3))
    ]
    content = {f".devcontainer/{path}": json.dumps(value).encode() for path, value in files.items()}
    return Case(f"generated-{seed}", content, images={"base": labels})


def _entry(choice: random.Random, table: dict[str, Make]) -> dict[str, Any]:
    return {key: make(choice) for key, make in table.items() if choice.random() < 0.3}
