import re

from carrel.devcontainer.compose.keys import KEYS
from carrel.devcontainer.deviations import DEVIATIONS
from carrel.devcontainer.feature_properties import FEATURE, OPTION
from carrel.devcontainer.inner_properties import INNER
from carrel.devcontainer.metadata import CONFIGURATION_KEYS, FEATURE_KEYS
from carrel.devcontainer.policy import FLAGS, RULES
from carrel.devcontainer.properties import BUILD, PROPERTIES
from carrel.devcontainer.reference_page import page


def test_the_page_has_every_property_rule_flag_and_deviation() -> None:
    text = page()
    inner = [name for table in INNER.values() for name in table]
    for name in (*PROPERTIES, *BUILD, *inner, *FEATURE, *OPTION, *RULES, *KEYS):
        assert f"| `{name}` |" in text
    assert all(f"| `--{flag}` |" in text for flag in FLAGS)
    assert re.findall(r"^\| (D\d+|own \d+) \|", text, re.MULTILINE) == list(DEVIATIONS)


def test_every_recorded_property_is_in_the_table() -> None:
    assert set(CONFIGURATION_KEYS) <= set(PROPERTIES)
    assert set(FEATURE_KEYS) <= set(FEATURE)


def test_every_row_says_why_it_is_not_simply_supported() -> None:
    rows = [*PROPERTIES.values(), *BUILD.values(), *FEATURE.values(), *OPTION.values()]
    rows += [row for table in INNER.values() for row in table.values()]
    assert not [row.name for row in rows if len(row.note) < 9]
