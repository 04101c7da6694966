import pytest

from carrel.devcontainer.customizations import editor_of, own_settings


@pytest.mark.conformance("C113", "C114", "C439", "C440")
def test_extensions_are_united_and_settings_merged_per_key() -> None:
    merged = {
        "customizations": {
            "vscode": [
                {"extensions": ["a.b", "C.d", "x.y"], "settings": {"a": 1, "b": [1]}},
                {"extensions": ["A.B", "-x.y", "e.f", 3, "-"], "settings": {"b": [2]}},
                "nonsense",
            ],
            "other": [{"extensions": ["no"]}],
        }
    }
    editor = editor_of(merged)
    assert editor.extensions == ("a.b", "C.d", "e.f")
    assert editor.settings == {"a": 1, "b": [2]}


@pytest.mark.conformance("C444")
def test_our_own_part_is_read_from_customizations_only() -> None:
    assert own_settings({"carrel": {"x": 1}, "customizations": {"carrel": [{"a": 1}, {"a": 2, "b": 3}]}}) == {
        "a": 2,
        "b": 3,
    }
    assert own_settings({}) == {}
