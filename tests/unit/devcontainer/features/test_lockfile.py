import json

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.features.lockfile import (
    Locked,
    Lockfile,
    check_frozen,
    lock,
    lockfile_path,
    read_lockfile,
    write_lockfile,
)
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import parse_reference


def feature(written: str, digest: str = "sha256:1", **metadata: object) -> Feature:
    return Feature(
        parse_reference(written, ".devcontainer/devcontainer.json"), {"version": "1.2.3", **metadata}, {}, digest
    )


@pytest.mark.conformance("C326")
def test_the_lockfile_lies_beside_the_configuration() -> None:
    assert lockfile_path(".devcontainer/devcontainer.json") == ".devcontainer/devcontainer-lock.json"
    assert lockfile_path(".devcontainer.json") == ".devcontainer-lock.json"


@pytest.mark.conformance("C327", "C328", "C329", "C330", "C331", "C332", "C333")
def test_a_lockfile_is_written_sorted_and_in_lower_case() -> None:
    url = "https://e.org/devcontainer-feature-x.tgz"
    features = [
        feature("ghcr.io/B/go:1", dependsOn={"ghcr.io/A/x": {}}),
        feature("ghcr.io/a/x", "sha256:2"),
        feature(url, "sha256:3"),
        feature("./local"),
        feature("ghcr.io/added/y"),
    ]
    text = write_lockfile(lock(features, frozenset({"ghcr.io/added/y"})))
    assert text == (
        "{\n"
        '  "features": {\n'
        '    "ghcr.io/a/x": {\n      "version": "1.2.3",\n      "resolved": "ghcr.io/a/x@sha256:2",\n      "integrity": "sha256:2"\n    },\n'
        '    "ghcr.io/b/go:1": {\n      "version": "1.2.3",\n      "resolved": "ghcr.io/b/go@sha256:1",\n      "integrity": "sha256:1",\n'
        '      "dependsOn": [\n        "ghcr.io/a/x"\n      ]\n    },\n'
        f'    "{url}": {{\n      "version": "1.2.3",\n      "resolved": "{url}",\n      "integrity": "sha256:3"\n    }}\n'
        "  }\n"
        "}\n"
    )
    assert read_lockfile(text.encode(), "x") == lock(features[:4])


@pytest.mark.conformance("C331", "C335")
def test_any_spelling_is_read() -> None:
    content = b'{"features": {"ghcr.io/A/Go:1": {"version": "1", "resolved": "r", "integrity": "sha256:x", "dependsOn": ["ghcr.io/B"]}}}'
    lockfile = read_lockfile(content, "x")
    assert lockfile == Lockfile({"ghcr.io/a/go:1": Locked("1", "r", "sha256:x", ("ghcr.io/b",))})
    assert lockfile.integrity("ghcr.io/a/GO:1") == "sha256:x"
    assert lockfile.integrity("ghcr.io/other") == ""


@pytest.mark.conformance("C336")
def test_an_empty_file_asks_to_be_written_and_a_broken_one_is_an_error() -> None:
    assert read_lockfile(None, "x") is None
    assert read_lockfile(b" \n", "x") is None
    for broken in (b"{", b"[]", b'{"features": {"a": {}}}', b'{"features": 1}'):
        with pytest.raises(Problem, match="lock"):
            read_lockfile(broken, "lock")


@pytest.mark.conformance("C337")
def test_frozen_wants_the_same_lockfile() -> None:
    new = lock([feature("ghcr.io/a/x")])
    text = write_lockfile(new)
    check_frozen(text.encode(), new)
    check_frozen(json.dumps(json.loads(text), indent=8).encode(), new)
    check_frozen(text.replace("ghcr.io/a/x", "Ghcr.io/A/x", 1).encode(), new)
    for missing in (None, b""):
        with pytest.raises(Problem, match=r"Lockfile does not exist\."):
            check_frozen(missing, new)
    for other in (b" ", b"{", write_lockfile(Lockfile()).encode(), text.replace("1.2.3", "1.2.4").encode()):
        with pytest.raises(Problem, match=r"Lockfile does not match\."):
            check_frozen(other, new)
