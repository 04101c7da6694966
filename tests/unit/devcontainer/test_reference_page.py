import re

from carrel.devcontainer.deviations import DEVIATIONS
from carrel.devcontainer.metadata import CONFIGURATION_KEYS
from carrel.devcontainer.policy import FLAGS, RULES
from carrel.devcontainer.properties import BUILD, PROPERTIES
from carrel.devcontainer.reference_page import page


def test_the_page_has_every_property_rule_flag_and_deviation() -> None:
    text = page()
    for name in (*PROPERTIES, *BUILD, *RULES):
        assert f"| `{name}` |" in text
    assert all(f"| `--{flag}` |" in text for flag in FLAGS)
    assert re.findall(r"^\| (D\d+|own \d+) \|", text, re.MULTILINE) == list(DEVIATIONS)


def test_every_recorded_property_is_in_the_table() -> None:
    assert set(CONFIGURATION_KEYS) <= set(PROPERTIES)
