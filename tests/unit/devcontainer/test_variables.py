from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.variables import Scope, container_pass, id_pass, local_pass, mentions

SCOPE = Scope({"HOME": "/home/dev", "EMPTY": "", "A": "a"}, "/src/blog", "/w/${localWorkspaceFolderBasename}")


@pytest.mark.conformance(
    "C028", "C029", "C030", "C031", "C032", "C039", "C040", "C041", "C042", "C043", "C048", "C049", "C050"
)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${localEnv:HOME}", "/home/dev"),
        ("${localEnv:UNSET}", ""),
        ("${localEnv:UNSET:x}", "x"),
        ("${localEnv:EMPTY:x}", ""),
        ("${localEnv:UNSET:a:b}", "a"),
        ("${localEnv:UNSET:}", ""),
        ("${env:HOME}/x", "/home/dev/x"),
        ("${localWorkspaceFolder}", "/src/blog"),
        ("${localWorkspaceFolderBasename}", "blog"),
        ("${containerWorkspaceFolder}", "/w/blog"),
        ("${containerWorkspaceFolderBasename}", "blog"),
        ("${localEnv:UNSET:${localEnv:B}}", "${localEnv}"),
        ("${unknown:x} ${HOME}", "${unknown:x} ${HOME}"),
        ("$${localEnv:HOME}", "$/home/dev"),
        ("${localEnv:A}${localEnv:A}", "aa"),
        ("${devcontainerId} ${containerEnv:A}", "${devcontainerId} ${containerEnv:A}"),
    ],
)
def test_the_local_pass_replaces_local_references_only(text: str, value: str) -> None:
    assert local_pass(text, SCOPE) == value


@pytest.mark.conformance("C033")
def test_a_reference_to_the_environment_needs_a_name() -> None:
    with pytest.raises(Problem, match=r"\$\{localEnv\}"):
        local_pass({"a": ["${localEnv}"]}, SCOPE)


@pytest.mark.conformance("C044")
def test_without_a_workspace_folder_the_reference_stays() -> None:
    assert local_pass("${localWorkspaceFolder} ${localWorkspaceFolderBasename}", Scope()) == (
        "${localWorkspaceFolder} ${localWorkspaceFolderBasename}"
    )


@pytest.mark.conformance("C051", "C052", "C055")
def test_strings_are_replaced_at_any_depth_and_keys_are_not() -> None:
    value: dict[str, Any] = {"${localEnv:A}": [{"b": "${localEnv:A}"}, 1, True, None]}
    assert local_pass(value, SCOPE) == {"${localEnv:A}": [{"b": "a"}, 1, True, None]}


@pytest.mark.conformance("C035", "C053")
def test_the_passes_come_one_after_another() -> None:
    text = "${localEnv:A}-${devcontainerId}-${containerEnv:PATH:x}-${containerEnv:NO:d}"
    first = local_pass(text, SCOPE)
    second = id_pass(first, "ID")
    assert container_pass(second, {"PATH": "/bin"}) == "a-ID-/bin-d"


@pytest.mark.conformance("C034")
def test_nothing_of_the_process_environment_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SECRET", "x")
    assert local_pass("${localEnv:SERVER_SECRET}", Scope()) == ""


def test_mentions_finds_a_name_at_any_depth() -> None:
    assert mentions({"a": ["x${devcontainerId}"]}, "devcontainerId")
    assert not mentions({"devcontainerId": "devcontainerId"}, "devcontainerId")


@pytest.mark.conformance("C048")
@pytest.mark.parametrize("text", ["${localEnv:USER", "a ${localEnv:USER\n}", "${", "${localEnv:USER\n${x"])
def test_what_is_not_closed_on_its_line_is_no_reference(text: str) -> None:
    assert local_pass(text, Scope({"USER": "dev"})) == text
