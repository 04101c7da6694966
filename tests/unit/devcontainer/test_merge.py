from typing import Any

import pytest

from carrel.devcontainer.merge import merge

EMPTY = {
    "init": False,
    "privileged": False,
    "onCreateCommands": [],
    "updateContentCommands": [],
    "postCreateCommands": [],
    "postStartCommands": [],
    "postAttachCommands": [],
    "remoteEnv": {},
    "containerEnv": {},
    "portsAttributes": {},
}


def merged(*entries: dict[str, Any]) -> dict[str, Any]:
    """What the entries give, without what is always there."""
    result = merge({}, entries)
    return {key: value for key, value in result.items() if EMPTY.get(key, ...) != value}


def test_nothing_gives_what_is_always_there() -> None:
    assert merge({}, []) == EMPTY


@pytest.mark.conformance(
    "C103", "C104", "C105", "C106", "C107", "C108", "C109", "C110", "C111", "C112", "C113", "C115", "C116", "C117",
    "C118", "C119", "C120", "C121", "C122",
)  # fmt: skip
@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([{"init": True}, {"init": False}], {"init": True}),
        ([{"privileged": True}, {"privileged": False}], {"privileged": True}),
        ([{"capAdd": ["A", "B"]}, {"capAdd": ["B", "C"]}, {"capAdd": []}], {"capAdd": ["A", "B", "C"]}),
        ([{"securityOpt": ["x"]}, {"securityOpt": ["x"]}], {"securityOpt": ["x"]}),
        ([{"capAdd": []}], {}),
        ([{"entrypoint": "/a"}, {}, {"entrypoint": "/b"}, {"entrypoint": ""}], {"entrypoints": ["/a", "/b"]}),
        (
            [{"mounts": ["source=a,target=/x", "source=b,dst=/y"]}, {"mounts": [{"source": "c", "target": "/x", "type": "volume"}]}],
            {"mounts": ["source=b,dst=/y", {"source": "c", "target": "/x", "type": "volume"}]},
        ),
        ([{"mounts": ["src=a,destination=/x"]}, {"mounts": ["src=b,dst=/x"]}], {"mounts": ["src=b,dst=/x"]}),
        ([{"postCreateCommand": "a"}, {"postCreateCommand": ["b"]}, {"postCreateCommand": ""}], {"postCreateCommands": ["a", ["b"]]}),
        ([{"onCreateCommand": {"x": "a"}}], {"onCreateCommands": [{"x": "a"}]}),
        ([{"waitFor": "onCreateCommand"}, {"waitFor": "postStartCommand"}, {}], {"waitFor": "postStartCommand"}),
        (
            [{"customizations": {"vscode": {"a": 1}, "x": 1}}, {"customizations": {"vscode": {"a": 2}}}],
            {"customizations": {"vscode": [{"a": 1}, {"a": 2}], "x": [1]}},
        ),
        ([{"remoteUser": "a"}, {"remoteUser": ""}], {"remoteUser": "a"}),
        ([{"containerUser": "a"}, {"containerUser": "b"}], {"containerUser": "b"}),
        ([{"userEnvProbe": "none"}, {}], {"userEnvProbe": "none"}),
        ([{"shutdownAction": "none"}, {"shutdownAction": "stopContainer"}], {"shutdownAction": "stopContainer"}),
        ([{"remoteEnv": {"A": "1", "B": "1"}}, {"remoteEnv": {"A": None}}], {"remoteEnv": {"A": None, "B": "1"}}),
        ([{"containerEnv": {"A": "1"}}, {"containerEnv": {"A": "2", "C": "3"}}], {"containerEnv": {"A": "2", "C": "3"}}),
        ([{"overrideCommand": True}, {"overrideCommand": False}], {"overrideCommand": False}),
        ([{"updateRemoteUserUID": False}, {}], {"updateRemoteUserUID": False}),
        (
            [{"portsAttributes": {"1": {"label": "a", "protocol": "http"}, "2": {}}}, {"portsAttributes": {"1": {"label": "b"}}}],
            {"portsAttributes": {"1": {"label": "b"}, "2": {}}},
        ),
        ([{"otherPortsAttributes": {"label": "a"}}, {"otherPortsAttributes": {"protocol": "http"}}], {"otherPortsAttributes": {"protocol": "http"}}),
        ([{"forwardPorts": [3000, "db:5432"]}, {"forwardPorts": ["localhost:3000", 1, "3000"]}], {"forwardPorts": [3000, "db:5432", 1, "3000"]}),
    ],
)  # fmt: skip
def test_each_property_has_its_rule(entries: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    assert merged(*entries) == expected


@pytest.mark.conformance("C129", "C130")
def test_other_properties_come_from_the_configuration_and_singular_names_go() -> None:
    configuration = {"name": "n", "image": "i", "postCreateCommand": "x", "entrypoint": "e", "customizations": {"a": 1}}
    result = merge(configuration, [{"postCreateCommand": "x"}])
    assert {key: result[key] for key in ("name", "image", "postCreateCommands")} == {
        "name": "n",
        "image": "i",
        "postCreateCommands": ["x"],
    }
    assert not {"postCreateCommand", "entrypoint", "customizations", "waitFor"} & set(result)


@pytest.mark.conformance("C131")
def test_the_configuration_wins_over_the_image() -> None:
    assert merged({"remoteUser": "image"}, {"remoteUser": "own"}) == {"remoteUser": "own"}
