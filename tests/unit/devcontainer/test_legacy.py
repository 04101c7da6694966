import pytest

from carrel.devcontainer.legacy import fold_legacy


@pytest.mark.conformance("C023", "C024", "C025")
def test_old_keys_move_under_customizations_and_the_nested_values_win() -> None:
    folded = fold_legacy(
        {
            "extensions": ["b"],
            "settings": {"x": 1, "y": 1},
            "devPort": 1,
            "customizations": {"vscode": {"extensions": ["a"], "settings": {"y": 2}}, "other": {}},
        }
    )
    assert folded == {
        "customizations": {
            "vscode": {"extensions": ["a", "b"], "settings": {"x": 1, "y": 2}, "devPort": 1},
            "other": {},
        }
    }


@pytest.mark.conformance("C025")
def test_a_nested_dev_port_stays() -> None:
    folded = fold_legacy({"devPort": 1, "customizations": {"vscode": {"devPort": 2}}})
    assert folded["customizations"] == {"vscode": {"devPort": 2}}


@pytest.mark.conformance("C027")
def test_without_old_keys_nothing_appears() -> None:
    assert fold_legacy({"image": "x"}) == {"image": "x"}


def test_empty_old_keys_count() -> None:
    assert fold_legacy({"extensions": [], "settings": {}}) == {
        "customizations": {"vscode": {"extensions": [], "settings": {}}}
    }


@pytest.mark.conformance("C026")
def test_a_feature_has_the_same_old_keys_but_no_dev_port() -> None:
    assert fold_legacy({"extensions": ["a"], "devPort": 1}, dev_port=False) == {
        "devPort": 1,
        "customizations": {"vscode": {"extensions": ["a"]}},
    }


def test_values_of_another_type_in_the_new_place_give_way_to_the_old_ones() -> None:
    assert fold_legacy({"extensions": ["a"], "settings": {"x": 1}, "customizations": {"vscode": "text"}}) == {
        "customizations": {"vscode": {"extensions": ["a"], "settings": {"x": 1}}}
    }
    nested = {"extensions": 1, "settings": [2]}
    assert fold_legacy({"extensions": ["a"], "settings": {}, "customizations": {"vscode": nested}}) == {
        "customizations": {"vscode": {"extensions": ["a"], "settings": {}}}
    }
    assert fold_legacy({"devPort": None}) == {"customizations": {"vscode": {"devPort": None}}}
