from __future__ import annotations

import io
import tarfile

import pytest

from carrel.core.spec import ContainerSpec, Mount, MountKind
from carrel.runtimes.docker.subpaths import link_archive, links_for

SQL = Mount(MountKind.VOLUME, "/init.d/init.sql", "project", read_only=True, subpath="db/init.sql")
WHOLE = Mount(MountKind.VOLUME, "/data", "data")


def container(*mounts: Mount) -> ContainerSpec:
    return ContainerSpec("db", "image", mounts=mounts)


def test_a_container_without_sub_paths_stays_as_it_is() -> None:
    plain = container(WHOLE)
    assert links_for(plain, ()).container is plain


def test_a_part_of_a_volume_is_a_link_into_the_whole_one() -> None:
    made = links_for(container(SQL, WHOLE), ())
    assert made.links == (("/init.d/init.sql", "/.carrel-volumes/project/db/init.sql"),)
    assert made.container.mounts == (
        WHOLE,
        Mount(MountKind.VOLUME, "/.carrel-volumes/project", "project", read_only=True),
    )


def test_the_whole_volume_is_writable_where_one_of_its_parts_is() -> None:
    made = links_for(container(SQL, Mount(MountKind.VOLUME, "/src", "project", subpath="src")), ())
    assert [one.read_only for one in made.container.mounts] == [False]


@pytest.mark.parametrize(
    ("other", "image_volumes"),
    [("/init.d", ()), ("/init.d/init.sql/x", ()), ("/x", ("/init.d",)), ("/x", ("/init.d/init.sql",))],
)
def test_a_link_is_never_made_where_it_would_touch_another_mount(other: str, image_volumes: tuple[str, ...]) -> None:
    made = links_for(container(SQL, Mount(MountKind.VOLUME, other, "data")), image_volumes)
    assert made.links == ()
    assert made.left_out == ("/init.d/init.sql",)
    assert all(not one.subpath for one in made.container.mounts)


def test_the_archive_has_the_links() -> None:
    with tarfile.open(fileobj=io.BytesIO(link_archive([("/a/b", "/v/c")]))) as tar:
        assert [(one.name, one.linkname, one.issym()) for one in tar] == [("a/b", "/v/c", True)]


def test_a_part_of_a_local_folder_is_a_link_on_every_engine() -> None:
    part = Mount(MountKind.FOLDER, "/data", "/home/me/blog", subpath="data")
    made = links_for(container(part, SQL), (), volumes=False)
    assert made.links == (("/data", "/.carrel-volumes/folder/data"),)
    assert made.container.mounts == (SQL, Mount(MountKind.FOLDER, "/.carrel-volumes/folder", "/home/me/blog"))
