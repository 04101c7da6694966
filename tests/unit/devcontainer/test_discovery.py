import pytest
from tests.unit.devcontainer.repository import Repository

from carrel.core.problems import Problem
from carrel.devcontainer.discovery import choose, find_configurations

FIRST = ".devcontainer/devcontainer.json"
SECOND = ".devcontainer.json"
A = ".devcontainer/a/devcontainer.json"
B = ".devcontainer/b/devcontainer.json"


async def found(*paths: str, folder: str = "") -> tuple[str, ...]:
    return await find_configurations(Repository(dict.fromkeys(paths, "{}")), folder)


@pytest.mark.conformance("C001", "C003")
async def test_the_three_places_are_searched_in_order_and_one_level_deep() -> None:
    assert await found(B, A, SECOND, FIRST, ".devcontainer/a/c/devcontainer.json", "x/devcontainer.json") == (
        FIRST,
        SECOND,
        A,
        B,
    )


@pytest.mark.conformance("C001")
async def test_the_first_place_wins() -> None:
    assert choose(await found(A, B, SECOND, FIRST), "") == FIRST
    assert choose(await found(A, B, SECOND), "") == SECOND


@pytest.mark.conformance("C002")
async def test_one_named_configuration_is_used_and_of_several_one_must_be_chosen() -> None:
    assert choose(await found(A), "") == A
    with pytest.raises(Problem) as caught:
        choose(await found(A, B), "")
    assert caught.value.kind == "choose_configuration"
    assert caught.value.extra["configurations"] == [A, B]
    assert choose(await found(A, B), "b") == B


@pytest.mark.conformance("C004")
async def test_an_explicit_path_may_have_any_name() -> None:
    assert choose(await found(A, B), "config/dev.json") == "config/dev.json"
    assert choose(await found(A, B), A) == A


@pytest.mark.conformance("C005")
async def test_nothing_is_found_in_a_repository_without_configuration() -> None:
    assert choose(await found("README.md"), "") == ""


async def test_a_folder_inside_the_repository_is_searched_by_itself() -> None:
    candidates = await found(FIRST, "app/.devcontainer.json", folder="app")
    assert candidates == ("app/.devcontainer.json",)
    assert choose(candidates, "", "app") == "app/.devcontainer.json"
