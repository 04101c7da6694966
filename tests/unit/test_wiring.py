"""What the composition roots make of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.server.settings import Settings
from carrel.wiring import control_list, docker_settings, registry_settings


def test_a_shared_server_asks_private_registries_only_where_they_are_named() -> None:
    listed = registry_settings(Settings(mode="team", insecure_registries=("lan.example:5000",)))
    assert not listed.private_addresses
    assert listed.trusts("lan.example:5000")
    assert registry_settings(Settings(mode="local")).private_addresses


@pytest.mark.conformance("C223")
def test_tarballs_come_from_the_hosts_that_an_administrator_lists() -> None:
    assert registry_settings(Settings()).tarball_hosts == frozenset()
    assert registry_settings(Settings(feature_tarball_hosts=("a.example",))).tarball_hosts == {"a.example"}


@pytest.mark.conformance("C225")
def test_the_list_of_disallowed_features_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('{"disallowedFeatures": [{"featureIdPrefix": "ghcr.io/bad"}]}')
    assert [one.prefix for one in control_list(Settings(feature_control_list=str(path))).disallowed] == ["ghcr.io/bad"]
    assert not control_list(Settings()).disallowed
    with pytest.raises(Problem, match="feature_control_list"):
        control_list(Settings(feature_control_list=str(tmp_path / "absent")))


def test_an_index_of_python_packages_is_an_address_without_a_password() -> None:
    index = "https://pypi.example.com/simple/"
    assert docker_settings(Settings(python_index=index), "0123456789ab", None).python_index == index
    for text in (
        "pypi.example.com",
        "file:///srv",
        "https://ana:secret@pypi.example.com/",
        'https://a/"\nRUN id',
        "http://",
    ):
        with pytest.raises(Problem, match="python_index") as caught:
            docker_settings(Settings(python_index=text), "0123456789ab", None)
        assert "secret" not in str(caught.value)
