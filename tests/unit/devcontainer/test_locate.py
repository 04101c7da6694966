from __future__ import annotations

import pytest

from carrel.devcontainer.jsonc import parse
from carrel.devcontainer.locate import located, position_of
from carrel.devcontainer.notices import warning

TEXT = """{
  "mounts": ["a", {"type": "bind"}],
  "features": {
    "ghcr.io/a/b/c:1": {"size": 1},
    "ghcr.io/a/b/c:1.2": {"size": 2}
  },
  "hostRequirements": {"cpus": 4},
  "runArgs": ["--pid=host"]
}"""


@pytest.mark.parametrize(
    ("key", "place"),
    [
        ("mounts", "line 2, column 13"),
        ("mounts[1]", "line 2, column 19"),
        ("mounts[7]", "line 2, column 13"),
        ("hostRequirements.cpus", "line 7, column 32"),
        ("features.ghcr.io/a/b/c:1.size", "line 4, column 33"),
        ("features.ghcr.io/a/b/c:1.2.size", "line 5, column 35"),
        ("features.ghcr.io/a/b/c:1.none", "line 4, column 24"),
        ("runArgs --pid", "line 8, column 14"),
        ("absent", "None"),
        ("", "None"),
    ],
)
def test_the_place_of_a_property(key: str, place: str) -> None:
    assert str(position_of(parse(TEXT), key)) == place


def test_a_notice_with_its_place() -> None:
    document = parse(TEXT)
    assert located(warning("mounts", "no"), "a.json", document) == "a.json:2:13: warning: mounts: no"
    assert located(warning("image", "no"), "a.json", document) == "a.json: warning: image: no"
    assert located(warning("image", "no"), "a.json", None) == "a.json: warning: image: no"
    assert located(warning("init", "no", "feature x"), "a.json", document) == "feature x: warning: init: no"
