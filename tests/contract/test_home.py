from __future__ import annotations

from tests.contract.workbench import HOME, Wanted, Workbench, new_ref, quiet, up, workspace

from carrel.core.spec import HOME_VOLUME, WorkspaceRef

FIRST = {"home/dev/.bashrc": b"one", "home/dev/.config/tool.ini": b"one", "home/dev/kept.txt": b"same"}
SECOND = {
    "home/dev/.bashrc": b"two",
    "home/dev/.config/tool.ini": b"two",
    "home/dev/.config/new.ini": b"two",
    "home/dev/kept.txt": b"same",
}


async def first_start(bench: Workbench, files: dict[str, bytes]) -> WorkspaceRef:
    image = await bench.make_image("home", files)
    spec = workspace(bench, new_ref(), Wanted(main={"image": image}))
    await up(bench, spec)
    await bench.runtime.remove(spec.ref)
    return spec.ref


async def test_a_new_home_gets_what_the_image_has(bench: Workbench) -> None:
    ref = await first_start(bench, FIRST)
    if not bench.runtime.fills_new_volumes:
        await bench.runtime.seed_home(ref, await bench.make_image("home", FIRST), HOME, bench.toolbox, quiet)
    assert await bench.read_volume(ref, HOME_VOLUME) == {
        ".bashrc": b"one",
        ".config/tool.ini": b"one",
        "kept.txt": b"same",
    }


async def test_a_new_image_adds_files_and_renews_unmodified_ones_and_the_users_changes_win(bench: Workbench) -> None:
    ref = await first_start(bench, FIRST)
    await bench.write_volume(ref, HOME_VOLUME, {".config/tool.ini": b"mine", "notes.txt": b"mine"})
    image = await bench.make_image("home", SECOND)
    for _ in range(2):
        await bench.runtime.seed_home(ref, image, HOME, bench.toolbox, quiet)
        assert await bench.read_volume(ref, HOME_VOLUME) == {
            ".bashrc": b"two",
            ".config/tool.ini": b"mine",
            ".config/new.ini": b"two",
            "kept.txt": b"same",
            "notes.txt": b"mine",
        }


async def test_what_the_user_deleted_stays_deleted(bench: Workbench) -> None:
    ref = await first_start(bench, FIRST)
    await bench.write_volume(ref, HOME_VOLUME, {".bashrc": None})
    await bench.runtime.seed_home(ref, await bench.make_image("home", SECOND), HOME, bench.toolbox, quiet)
    assert ".bashrc" not in await bench.read_volume(ref, HOME_VOLUME)


async def test_a_third_image_is_compared_with_the_second_seed(bench: Workbench) -> None:
    ref = await first_start(bench, FIRST)
    await bench.runtime.seed_home(ref, await bench.make_image("home", SECOND), HOME, bench.toolbox, quiet)
    await bench.write_volume(ref, HOME_VOLUME, {".config/new.ini": b"mine"})
    third = dict.fromkeys(SECOND, b"three")
    await bench.runtime.seed_home(ref, await bench.make_image("home", third), HOME, bench.toolbox, quiet)
    assert await bench.read_volume(ref, HOME_VOLUME) == {
        ".bashrc": b"three",
        ".config/tool.ini": b"three",
        ".config/new.ini": b"mine",
        "kept.txt": b"three",
    }


async def test_an_image_without_that_home_changes_nothing(bench: Workbench) -> None:
    ref = await first_start(bench, FIRST)
    before = await bench.read_volume(ref, HOME_VOLUME)
    await bench.runtime.seed_home(ref, bench.image, "/home/nobody", bench.toolbox, quiet)
    assert await bench.read_volume(ref, HOME_VOLUME) == before
