"""Which extensions are installed, from where, and what a person removed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from carrel.agent.apps.code import Places
from carrel.agent.apps.extensions import Wanted, absent, identity, installation, remember, wanted_of
from carrel.core.agent import AgentPlan


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data")


def write_vsix(path: Path, publisher: str, name: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("extension/package.json", json.dumps({"publisher": publisher, "name": name}))


def install(places: Places, *names: str) -> None:
    places.extensions.mkdir(parents=True, exist_ok=True)
    listed = [{"identifier": {"id": name}} for name in names]
    (places.extensions / "extensions.json").write_text(json.dumps(listed))


@pytest.mark.conformance("C440")
def test_extensions_come_from_the_repository_from_the_server_and_from_the_gallery(
    places: Places, tmp_path: Path
) -> None:
    write_vsix(tmp_path / "own.vsix", "Acme", "Own")
    plan = AgentPlan(
        editor_extensions=("./own.vsix", "Acme.Fetched", "acme.other@1.2.3", "-acme.no", "", "absent.vsix"),
        editor_prefetched={"acme.fetched": "acme.fetched-1.vsix"},
    )
    assert wanted_of(plan, str(tmp_path), places.prefetched) == [
        Wanted("acme.own", str(tmp_path / "own.vsix")),
        Wanted("acme.fetched", str(places.prefetched / "acme.fetched-1.vsix")),
        Wanted("acme.other", "acme.other@1.2.3"),
        Wanted("", str(tmp_path / "absent.vsix")),
    ]


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_extension_has_no_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.vsix").write_bytes(content)
    assert identity(tmp_path / "x.vsix") == ""


def test_what_a_person_removed_is_installed_again_only_on_demand(places: Places) -> None:
    one, two = Wanted("acme.one", "acme.one"), Wanted("acme.two", "acme.two")
    assert absent([one, two], places, again=False) == [one, two]
    install(places, "Acme.One")
    remember([one, two], places)
    assert absent([one, two], places, again=False) == [two]
    install(places)
    assert absent([one, two], places, again=False) == [two]
    assert absent([one, two], places, again=True) == [one, two]


def test_one_command_installs_all(places: Places) -> None:
    command = installation([Wanted("a.b", "a.b"), Wanted("", "/x.vsix")], places, Path("/opt/carrel"))
    assert command[0] == "/opt/carrel/bin/code-server"
    assert command[-4:] == ("--install-extension", "a.b", "--install-extension", "/x.vsix")
