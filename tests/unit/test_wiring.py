"""What the composition roots make of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.server.settings import Settings
from carrel.wiring import control_list, registry_settings


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
