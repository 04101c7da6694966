"""`carrel create|get|update|delete secret`, in the words that people know."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import Carrel

from carrel.core.access import Actor
from carrel.server.store import secrets
from carrel.server.store.secrets import SecretName, SecretScope

PLACES = {
    "own": ((), "user", SecretScope.USER, ""),
    "project": (("--project", "default"), "project default", SecretScope.PROJECT, "default"),
    "domain": (
        ("--project", "default", "--domain", "staging"),
        "project default, domain staging",
        SecretScope.DOMAIN,
        "default/staging",
    ),
}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked on the terminal; each question gets the same answer."""
    asked: list[str] = []

    def prompt(text: str, **how: object) -> str:
        asked.append(f"{text}{':' if how['hide_input'] else '?'}")
        return "typed-value"

    monkeypatch.setattr("typer.prompt", prompt)
    return asked


async def value_of(running: Running, scope: SecretScope, owner: str, name: str) -> str:
    store = running.parts.store
    async with store.reading() as session:
        found = await secrets.reveal(session, store.keys, SecretName(scope, owner, name))
    assert found is not None
    return found[0].reveal()


async def test_secrets_of_every_scope_live_from_create_to_delete(
    running: Running, owner: Actor, carrel: Carrel, monkeypatch: pytest.MonkeyPatch, typed: list[str]
) -> None:
    for which in PLACES:
        typed.clear()
        await lives(running, owner, carrel, monkeypatch, which)
        assert set(typed) == {"Enter secret value:"}


async def lives(running: Running, owner: Actor, carrel: Carrel, monkeypatch: pytest.MonkeyPatch, which: str) -> None:
    place, words, scope, owner_id = PLACES[which]
    named = (*place, "--name", "tls.key")
    monkeypatch.setattr("sys.stdin", _Terminal())
    made = await carrel("create", "secret", *named)
    assert (made.status, made.out) == (0, f"Created: secret tls.key ({words})\n"), made.err
    assert await value_of(running, scope, owner_id or owner.user_id, "tls.key") == "typed-value"
    again = await carrel("create", "secret", *named)
    assert again.status != 0
    assert "There is a secret tls.key" in again.err
    assert "carrel update secret" in again.err
    shown = await carrel("get", "secret", *place)
    assert re.search(rf"tls\.key +{words} +\d", shown.out)
    monkeypatch.setattr("sys.stdin", io.StringIO("piped\nvalue\n"))
    changed = await carrel("update", "secret", *named, "-")
    assert (changed.status, changed.out) == (0, f"Updated: secret tls.key ({words})\n"), changed.err
    assert await value_of(running, scope, owner_id or owner.user_id, "tls.key") == "piped\nvalue"
    unasked = await carrel("delete", "secret", *named)
    assert "give --yes" in unasked.err
    gone = await carrel("delete", "secret", *named, "--yes")
    assert (gone.status, gone.out) == (0, f"Deleted: secret tls.key ({words})\n")
    for verb in (("update", "secret", *named, "-"), ("delete", "secret", *named, "--yes"), ("get", "secret", *named)):
        monkeypatch.setattr("sys.stdin", io.StringIO("x\n"))
        missing = await carrel(*verb)
        assert missing.status == 3, verb
        assert "There is no secret" in missing.err
    printed = "".join(one.out + one.err for one in (made, again, shown, changed, unasked, gone))
    assert "typed-value" not in printed
    assert "piped" not in printed


async def test_a_file_is_taken_as_it_is_and_a_bad_one_is_refused(
    running: Running, carrel: Carrel, tmp_path: Path, owner: Actor
) -> None:
    (tmp_path / "key").write_text("-----BEGIN\n-----END\n")
    made = await carrel("create", "secret", "--name", "K", "--from-file", str(tmp_path / "key"))
    assert made.status == 0, made.err
    assert await value_of(running, SecretScope.USER, owner.user_id, "K") == "-----BEGIN\n-----END\n"
    (tmp_path / "binary").write_bytes(b"\xff\x00")
    (tmp_path / "empty").write_bytes(b"")
    for name, why in (("binary", "not text"), ("empty", "is empty"), ("none", "cannot be read")):
        refused = await carrel("create", "secret", "--name", "L", "--from-file", str(tmp_path / name))
        assert refused.status == 1
        assert why in refused.err


REFUSED = (
    (("--name", "K", "hunter2"), "not taken from the command line"),
    (("--name", "mot de passe", "-"), "has a space"),
    (("--name", "PATH", "-"), "no secret may take the place"),
    (("--name", "K", "--project", "default", "--domain", "prod", "-"), "There is no domain 'prod'"),
)


async def test_what_cannot_be_is_said(carrel: Carrel, monkeypatch: pytest.MonkeyPatch) -> None:
    for words, why in REFUSED:
        monkeypatch.setattr("sys.stdin", io.StringIO("x\n"))
        refused = await carrel("create", "secret", *words)
        assert refused.status != 0
        assert why in refused.err
        assert "hunter2" not in refused.err


async def test_the_short_form_knows_domains(carrel: Carrel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("x\n"))
    place = ("--project", "default", "--domain", "production")
    assert (await carrel("secret", "set", "A", *place)).status == 0
    assert [one["name"] for one in (await carrel("secret", "ls", *place, "-o", "json")).json] == ["A"]
    assert (await carrel("secret", "ls", "--project", "default", "-o", "json")).json == []
    assert (await carrel("secret", "rm", "A", *place)).status == 0
    assert (await carrel("secret", "ls", "--domain", "production")).status == 1
