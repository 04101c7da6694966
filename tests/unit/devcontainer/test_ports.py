from typing import Any

import pytest

from carrel.devcontainer.ports import app_ports, attributes_of, forward_ports


@pytest.mark.conformance("C403", "C405", "C412")
def test_ports_are_numbers_or_host_and_port() -> None:
    assert forward_ports([3000, "3000", "localhost:3000", "db:5432", 70000, "x", True, -1]) == ("3000", "db:5432")


@pytest.mark.conformance("C155", "C411")
@pytest.mark.parametrize(
    ("value", "ports"),
    [
        (None, ()),
        (3000, ("3000",)),
        ("8080:3000", ("3000",)),
        (["127.0.0.1:1:2", 4], ("2", "4")),
        ("5000-5001:5000-5001", ()),
    ],
)
def test_app_ports_are_forwarded(value: Any, ports: tuple[str, ...]) -> None:
    assert app_ports(value) == ports


@pytest.mark.conformance("C406", "C407", "C408", "C410")
def test_the_closest_key_gives_the_attributes() -> None:
    attributes: dict[str, Any] = {
        "node.*": {"label": "expression"},
        "3000-4000": {"label": "range"},
        "3000": {"label": "port"},
        "db:5432": {"label": "service"},
        "([": {"label": "broken"},
    }
    others = {"label": "other"}

    def label(port: str, line: str = "") -> Any:
        return attributes_of(port, attributes, others, line)["label"]

    assert label("3000", "node x") == "port"
    assert label("3001", "node x") == "range"
    assert label("9000", "/usr/bin/node x") == "expression"
    assert label("9000") == "other"
    assert label("db:5432") == "service"
    assert attributes_of("1", {}, None) == {
        "onAutoForward": "notify",
        "requireLocalPort": False,
        "elevateIfNeeded": False,
    }
