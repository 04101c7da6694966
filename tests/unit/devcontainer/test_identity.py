import pytest

from carrel.devcontainer.identity import devcontainer_id, labels_of


@pytest.mark.conformance("C056", "C057", "C058", "C061")
def test_the_id_is_52_digits_of_base_32_and_does_not_depend_on_order() -> None:
    one = devcontainer_id({"b": "ü/x", "a": "1"})
    assert one == devcontainer_id({"a": "1", "b": "ü/x"})
    assert len(one) == 52
    assert set(one) <= set("0123456789abcdefghijklmnopqrstuv")


@pytest.mark.conformance("C057", "C059")
def test_the_id_equals_the_reference_for_known_labels() -> None:
    labels = {"devcontainer.config_file": "/w/.devcontainer/devcontainer.json", "devcontainer.local_folder": "/w"}
    assert devcontainer_id(labels) == "0gn1u8u55qadm6uv071vp3trcdti1b3nvgm3pmh0k3hqn6pk3vhi"


@pytest.mark.conformance("C062")
def test_the_labels_name_the_workspace_and_no_folder_of_a_machine() -> None:
    assert labels_of("abc", ".devcontainer.json") == {
        "dev.carrel.configuration": ".devcontainer.json",
        "dev.carrel.workspace": "abc",
    }
