from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.mounts import MountRequest, parse_mount, target_of


@pytest.mark.conformance("C109", "C164", "C165", "C166")
@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        ("source=a,target=/x,type=volume", MountRequest("volume", "/x", "a")),
        ("src=a,dst=/x", MountRequest("volume", "/x", "a")),
        ("type=bind,source=/a,destination=/x,readonly", MountRequest("bind", "/x", "/a", read_only=True)),
        ("type=bind,source=/a,target=/x,ro=true", MountRequest("bind", "/x", "/a", read_only=True)),
        ("type=bind,source=/a,target=/x,readonly=false", MountRequest("bind", "/x", "/a")),
        ("type=volume,target=/x", MountRequest("volume", "/x")),
        ("type=tmpfs,target=/x,tmpfs-size=64m", MountRequest("tmpfs", "/x", options={"tmpfs-size": "64m"})),
        ({"type": "volume", "source": "a", "target": "/x"}, MountRequest("volume", "/x", "a")),
        ({"type": "bind", "source": "/a", "target": "/x", "readonly": True}, MountRequest("bind", "/x", "/a", read_only=True)),
        ('type=bind,"source=/a,b","target=/x,y"', MountRequest("bind", "/x,y", "/a,b")),
    ],
)  # fmt: skip
def test_strings_and_objects_are_read_into_one_record(mount: Any, expected: MountRequest) -> None:
    assert parse_mount(mount) == expected


@pytest.mark.parametrize("mount", ["source=a", "source=a,target=x", {"source": "a"}, 3, ""])
def test_a_mount_needs_an_absolute_target(mount: Any) -> None:
    with pytest.raises(Problem, match="mounts"):
        parse_mount(mount)


def test_the_target_is_found_in_either_form() -> None:
    assert [target_of(one) for one in ("dst=/a", {"target": "/b"}, 3, "source=x")] == ["/a", "/b", "", ""]
