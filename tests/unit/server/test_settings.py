"""Settings: where they come from, which counts most, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.settings import SETTINGS, load_settings


def test_every_setting_has_help_and_a_variable() -> None:
    for row in SETTINGS:
        assert row.help.endswith("."), row.name
        assert row.variable == f"CARREL_{row.name.upper()}"


def test_the_defaults_listen_on_loopback_only(tmp_path: Path) -> None:
    settings = load_settings({"CARREL_DATA_DIR": str(tmp_path)})
    assert (settings.host, settings.port, settings.mode) == ("127.0.0.1", 7070, "local")
    assert settings.public_url == "http://127.0.0.1:7070"
    assert settings.database_url.reveal() == f"sqlite:///{tmp_path}/carrel.sqlite"
    assert settings.key_file == f"{tmp_path}/keys"


def test_the_strongest_source_counts(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'port = 1\nttl_seconds = 2\nlog_level = "debug"\nallow_git_schemes = ["https"]\n', encoding="utf-8"
    )
    environ = {"CARREL_DATA_DIR": str(tmp_path), "CARREL_PORT": "3", "CARREL_TTL_SECONDS": "4"}
    settings = load_settings(environ, overrides={"port": 5})
    assert (settings.port, settings.ttl_seconds, settings.log_level) == (5, 4, "debug")
    assert settings.allow_git_schemes == ("https",)


def test_a_configuration_file_can_be_named(tmp_path: Path) -> None:
    config = tmp_path / "x.toml"
    config.write_text("port = 8080\n", encoding="utf-8")
    assert load_settings({"CARREL_CONFIG": str(config)}).port == 8080
    assert load_settings({}, config).port == 8080
    with pytest.raises(Problem, match="cannot be read"):
        load_settings({}, tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("CARREL_PORT", "seven", "CARREL_PORT: expected a number"),
        ("CARREL_PORT", "-1", "not negative"),
        ("CARREL_MAX_CPUS", "nan", "expected a number"),
        ("CARREL_LOG_LEVEL", "loud", "expected one of debug, info, warning, error"),
        ("CARREL_ALLOW_LOCAL_FOLDERS", "maybe", "expected true or false"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(variable: str, text: str, words: str) -> None:
    with pytest.raises(Problem, match=words) as caught:
        load_settings({variable: text})
    assert caught.value.kind == "bad_value"
    assert "Default" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot = 1", "no setting 'prot'"),
        ("port = ", "is not TOML"),
        ("port = true", "expected a number"),
        ("host = 7", "expected text"),
    ],
)
def test_a_wrong_configuration_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(Problem, match=words):
        load_settings({}, config)


def test_an_unknown_setting_names_the_nearest_known_one(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("prot = 1", encoding="utf-8")
    with pytest.raises(Problem) as caught:
        load_settings({}, config)
    assert caught.value.hint == "Did you mean 'port'?"


def test_lists_and_booleans_from_the_environment() -> None:
    environ = {"CARREL_ALLOW_GIT_SCHEMES": "https, ssh,,http", "CARREL_ALLOW_LOCAL_FOLDERS": "No"}
    settings = load_settings(environ)
    assert settings.allow_git_schemes == ("https", "ssh", "http")
    assert settings.allow_local_folders is False


def test_the_systems_own_variables_are_taken_where_nothing_is_said() -> None:
    settings = load_settings({"SSL_CERT_FILE": "/ca.pem", "DOCKER_HOST": "unix:///d.sock"})
    assert (settings.ca_bundle, settings.docker_host) == ("/ca.pem", "unix:///d.sock")
    assert load_settings({"SSL_CERT_FILE": "/ca.pem", "CARREL_CA_BUNDLE": "/own.pem"}).ca_bundle == "/own.pem"


def test_a_database_password_is_not_printed() -> None:
    settings = load_settings({"CARREL_DATABASE_URL": "postgresql://u:hunter2@host/db"})
    assert settings.database_url == Secret("postgresql://u:hunter2@host/db")
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "port", "address"),
    [
        ({}, 7071, ("127.0.0.1", 7071)),
        ({"gateway_port": "off"}, None, ("127.0.0.1", 0)),
        ({"gateway_port": "0"}, 0, ("127.0.0.1", 0)),
        ({"public_url": "https://carrel.example.org"}, 7071, ("carrel.example.org", 7071)),
        ({"gateway_address": "ssh.example.org:22", "gateway_port": "off"}, None, ("ssh.example.org", 22)),
        ({"gateway_address": "ssh.example.org"}, 7071, ("ssh.example.org", 7071)),
    ],
    ids=["default", "off", "any", "public url", "apart", "host"],
)
def test_where_the_gateway_listens_and_how_it_is_reached(
    given: dict[str, str], port: int | None, address: tuple[str, int]
) -> None:
    settings = load_settings({}, overrides=given)
    assert (settings.ssh_port, settings.ssh_address) == (port, address)


@pytest.mark.parametrize(
    "given",
    [{"gateway_port": text} for text in ("99999", "-1", "ssh", "22.5")]
    + [{"gateway_address": text} for text in ("host:", ":22", "host:99999", "host:ssh")],
    ids=["99999", "negative", "name", "fraction", "no port", "no host", "high port", "named port"],
)
def test_a_port_that_is_none_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Problem) as refused:
        load_settings({}, overrides=given)
    assert refused.value.kind == "bad_value"
