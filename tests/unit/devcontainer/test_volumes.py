import pytest

from carrel.core.spec import FolderSource, GitSource, Mount, MountKind, Source, VolumeSpec
from carrel.devcontainer.mounts import MountRequest
from carrel.devcontainer.policy import Policy
from carrel.devcontainer.volumes import MountTable, bind_sources, inner_path, volume_name
from carrel.devcontainer.workspace_folder import Place

PLACE = Place("/workspaces/blog")


def table(source: Source | None = None, *grants: str, absent: tuple[str, ...] = ()) -> MountTable:
    source = source or GitSource("https://example.org/blog")
    place = Place(source.path) if isinstance(source, FolderSource) else PLACE
    return MountTable(source, place, Policy(granted=frozenset(grants)), frozenset(absent))


def requested(request: MountRequest, raw: str = "", mounts: MountTable | None = None) -> MountTable:
    mounts = mounts or table()
    mounts.request(request, "mounts[0]", "devcontainer.json", raw)
    return mounts


@pytest.mark.conformance("C176", "C460")
@pytest.mark.parametrize(
    "source",
    ["/", "/etc", "/proc", "/sys", "/var/run/docker.sock", "/run/podman/podman.sock", "/workspaces/blog/../other", "../x", "/workspaces/blogger", "~/.ssh", "", "/workspaces"],
)  # fmt: skip
def test_binds_outside_the_repository_are_refused(source: str) -> None:
    mounts = requested(MountRequest("bind", "/x", source))
    if source == "~/.ssh":  # a folder called ~ inside the repository
        assert mounts.mounts[0].subpath == "~/.ssh"
        return
    assert mounts.mounts == []
    assert [notice.level for notice in mounts.notices] == ["refused"]


@pytest.mark.parametrize(
    ("source", "subpath"),
    [("/workspaces/blog", ""), ("/workspaces/blog/data/x", "data/x"), ("data", "data"), ("./a/../b", "b")],
)
def test_binds_inside_the_repository_are_parts_of_the_project_volume(source: str, subpath: str) -> None:
    assert requested(MountRequest("bind", "/x", source, read_only=True)).mounts == [
        Mount(MountKind.VOLUME, "/x", "project", True, subpath)
    ]


def test_for_a_local_folder_they_are_parts_of_that_folder() -> None:
    mounts = requested(MountRequest("bind", "/x", "/src/blog/data"), mounts=table(FolderSource("/src/blog")))
    assert mounts.mounts == [Mount(MountKind.FOLDER, "/x", "/src/blog", subpath="data")]


def test_an_absent_folder_of_the_repository_is_not_mounted() -> None:
    mounts = requested(MountRequest("bind", "/x", "data"), mounts=table(absent=("data",)))
    assert (mounts.mounts, [notice.level for notice in mounts.notices]) == ([], ["warning"])


@pytest.mark.conformance("C175")
@pytest.mark.parametrize("target", ["/", "/proc/x", "/sys", "/dev", "/opt/carrel", "/opt/carrel/bin", "/.carrel"])
def test_reserved_targets_are_refused(target: str) -> None:
    mounts = requested(MountRequest("volume", target, "a"))
    assert (mounts.mounts, [notice.level for notice in mounts.notices]) == ([], ["refused"])


@pytest.mark.conformance("C165", "C287")
def test_a_named_volume_belongs_to_the_workspace_unless_sharing_is_granted() -> None:
    assert requested(MountRequest("volume", "/c", "cache")).volumes == {"mount-cache": VolumeSpec("mount-cache")}
    shared = requested(MountRequest("volume", "/c", "cache"), mounts=table(None, "shared-volumes"))
    assert shared.volumes == {"mount-cache": VolumeSpec("mount-cache", shared=True)}
    own = requested(MountRequest("volume", "/c", "c-ID"), "c-${devcontainerId}", table(None, "shared-volumes"))
    assert [volume.shared for volume in own.volumes.values()] == [False]


@pytest.mark.conformance("C165")
def test_volume_names_are_stable_and_never_the_platforms_own() -> None:
    names = [
        volume_name("project", "/x"),
        volume_name("home", "/x"),
        volume_name("", "/x"),
        volume_name("", "/y"),
        volume_name("A b", "/x"),
        volume_name("a b", "/x"),
    ]
    assert len(set(names)) == len(names)
    assert all(name.startswith("mount-") for name in names)
    assert volume_name("", "/x") == volume_name("", "/x")


@pytest.mark.conformance("C166")
def test_tmpfs_is_capped() -> None:
    mounts = requested(MountRequest("tmpfs", "/t", options={"tmpfs-size": "64m"}))
    assert mounts.mounts == [Mount(MountKind.TMPFS, "/t", size_bytes=64 * 2**20)]
    capped = requested(MountRequest("tmpfs", "/dev/shm", options={"tmpfs-size": "64g"}))
    assert (capped.mounts[0].size_bytes, [notice.level for notice in capped.notices]) == (
        Policy().max_tmpfs_bytes,
        ["warning"],
    )


def test_other_kinds_of_mounts_are_refused() -> None:
    assert [notice.level for notice in requested(MountRequest("npipe", "/x", "a")).notices] == ["refused"]


def test_a_later_mount_at_the_same_target_wins() -> None:
    mounts = table()
    mounts.home("/home/dev")
    requested(MountRequest("volume", "/home/dev", "mine"), mounts=mounts)
    assert [(one.target, one.source) for one in mounts.mounts] == [("/home/dev", "mount-mine")]


def test_inner_paths_and_bind_sources() -> None:
    assert inner_path("/workspaces/blog/", PLACE) == ""
    assert inner_path("x", Place("/workspaces/blog", "app")) == "app/x"
    requests = [
        MountRequest("bind", "/x", "a"),
        MountRequest("bind", "/y", "/etc"),
        MountRequest("volume", "/z", "a"),
        MountRequest("bind", "/w", "a"),
    ]
    assert bind_sources(requests, PLACE) == ("a",)
