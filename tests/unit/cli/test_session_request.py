"""The words after `carrel exec` and `carrel ssh`."""

from __future__ import annotations

import pytest

from carrel.cli.session_request import Request, UsageError, parse


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        (["blog", "ls"], Request("blog", ["ls"])),
        (["blog", "--", "ls", "-e"], Request("blog", ["ls", "-e"])),
        (["blog", "ls", "-t", "--env", "A=1"], Request("blog", ["ls", "-t", "--env", "A=1"])),
        (["-it", "-n", "ana/blog", "sh"], Request("ana/blog", ["sh"], tty=True, reads_stdin=False)),
        (["-T", "-i", "blog", "sh"], Request("blog", ["sh"], tty=False)),
        (["-e", "A=b=c", "--env=D=", "-w", "/x", "blog", "sh"], Request("blog", ["sh"], env={"A": "b=c", "D": ""}, cwd="/x")),
    ],
)  # fmt: skip
def test_options_come_before_the_name(words: list[str], request_: Request) -> None:
    assert parse("exec", words) == request_


def test_a_variable_without_value_is_as_it_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARREL_TEST_A", "here")
    assert parse("exec", ["-e", "CARREL_TEST_A", "-e", "CARREL_TEST_B", "blog", "env"]).env == {
        "CARREL_TEST_A": "here",
        "CARREL_TEST_B": "",
    }


@pytest.mark.parametrize("words", [[], ["--"], ["-e"], ["-w"], ["-x", "blog", "ls"], ["--envy=1", "blog", "ls"]])
@pytest.mark.parametrize("verb", ["exec", "ssh"])
def test_other_calls_are_refused(verb: str, words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(verb, words)


def test_only_a_shell_needs_no_command() -> None:
    assert parse("ssh", ["blog"]).command == []
    with pytest.raises(UsageError, match="carrel ssh"):
        parse("exec", ["blog"])


@pytest.mark.parametrize(
    ("verb", "words", "here", "wanted"),
    [
        ("ssh", ["blog"], True, True),
        ("ssh", ["blog"], False, False),
        ("ssh", ["blog", "ls"], True, False),
        ("exec", ["blog", "ls"], True, True),
        ("exec", ["blog", "ls"], False, False),
        ("exec", ["-t", "blog", "ls"], False, True),
        ("ssh", ["-T", "blog"], True, False),
    ],
)
def test_a_terminal_is_asked_for_where_there_is_one(verb: str, words: list[str], here: bool, wanted: bool) -> None:
    assert parse(verb, words).wants_tty(verb, interactive=here) is wanted
