"""Registry credentials in the form of Docker's config.json."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.server.registry_auth import read_registry_auth


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_user_and_password_are_read_and_hidden(tmp_path: Path) -> None:
    auth = b64encode(b"ana:s3cret:with colon").decode()
    found = read_registry_auth(write(tmp_path / "a", {"auths": {"registry.example:5000": {"auth": auth}}}))
    user, password = found["registry.example:5000"]
    assert (user, password.reveal()) == ("ana", "s3cret:with colon")
    assert "s3cret" not in repr(found)


def test_docker_hub_is_known_by_its_short_name(tmp_path: Path) -> None:
    auth = b64encode(b"ana:x").decode()
    path = write(tmp_path / "a", {"auths": {"https://index.docker.io/v1/": {"auth": auth}}})
    assert list(read_registry_auth(path)) == ["docker.io"]


def test_an_identity_token_is_marked(tmp_path: Path) -> None:
    path = write(tmp_path / "a", {"auths": {"r.example": {"identitytoken": "t"}}})
    assert read_registry_auth(path)["r.example"][0] == "<token>"


def test_no_file_is_no_credentials(tmp_path: Path) -> None:
    assert read_registry_auth(tmp_path / "none") == {}


def test_entries_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    entries = {"a.example": {}, "b.example": {"auth": "%%%"}, "c.example": None, "d.example": {"auth": "YQ=="}}
    assert read_registry_auth(write(tmp_path / "a", {"auths": entries})) == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": 3}'])
def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(Problem, match=r"config\.json"):
        read_registry_auth(path)
