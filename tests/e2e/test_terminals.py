"""Terminals of a real workspace: nothing is lost and nothing comes twice, whatever is cut (Show 2 of Access)."""

from __future__ import annotations

import hashlib
import os
import pty
import re
import secrets
import select
import subprocess
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.contract.images import busybox_image
from tests.e2e.browsing import chromium, somebody_else
from tests.e2e.installation import BIN, Installation
from tests.e2e.network import Network
from tests.e2e.repositories import Repositories
from tests.e2e.terminal_viewer import ResumingViewer

MEGABYTES = int(os.environ.get("CARREL_TEST_TERMINAL_MEGABYTES", "20"))
CUT_SECONDS = float(os.environ.get("CARREL_TEST_TERMINAL_CUT_SECONDS", "4"))
"""The issue asks for 200 MB and 60 s; the same code with more of the same."""
SHELL = re.compile(rb"shell (\d+)\r?\n")
LINE = b"%08d is a line of a terminal that nobody must lose\n"
SCRIPT = f"awk 'BEGIN {{ for (i = 0; i < 100000000; i++) printf \"{LINE.decode().strip()}\\n\", i }}'"


@pytest.fixture(scope="module")
def workspace(shared: Installation, repositories: Repositories) -> str:
    url = repositories.make("blog", {".devcontainer.json": {"image": busybox_image()}})
    created = shared.create(url, name="blog")
    shared.until_phase(created["id"], "running")
    return str(created["id"])


@pytest.fixture
def network(shared: Installation) -> Iterator[Network]:
    relay = Network(shared.port)
    yield relay
    relay.close()


def viewer(installation: Installation, workspace: str, port: int, name: str, **options: bool) -> ResumingViewer:
    return ResumingViewer(f"http://127.0.0.1:{port}", installation.token, workspace, name, **options)


def expected_hash(size: int) -> str:
    """Of what the program prints, made here."""
    found, number, left = hashlib.sha256(), 0, size
    while left > 0:
        piece = b"".join(LINE % n for n in range(number, number + 10_000))[:left]
        found.update(piece)
        number, left = number + 10_000, left - len(piece)
    return found.hexdigest()


def test_output_and_shell_survive_a_cut_of_the_network_and_a_restart_of_the_server(
    shared: Installation, workspace: str, network: Network
) -> None:
    size = MEGABYTES * 1_000_000
    mine = viewer(shared, workspace, network.port, "long")
    shown = bytearray()
    mine.place.type(b"stty -echo -opost; PS1=; echo shell $$\n")
    mine.until(lambda: SHELL.search(shown), shown.extend)
    shell = SHELL.findall(shown)
    found, count, before = hashlib.sha256(), 0, bytearray()

    def take(data: bytes) -> None:
        nonlocal count
        if not count:  # the shell asks the terminal this and that around its prompt
            before.extend(data)
            data = bytes(before.partition(b"begin\n")[2])
        data = data[: size - count]
        found.update(data)
        count += len(data)

    mine.place.type(f"echo be''gin; {SCRIPT} | head -c {size}\n".encode())
    mine.until(lambda: count > size * 0.1, take)
    network.cut()
    threading.Timer(CUT_SECONDS, network.mend).start()
    mine.until(lambda: count > size * 0.5, take, seconds=CUT_SECONDS + 60)
    shared.kill()
    shared.start()
    mine.until(lambda: count > size * 0.7, take)
    shared.stop()
    shared.start()
    mine.until(lambda: count >= size, take, seconds=120)
    assert count == size
    assert found.hexdigest() == expected_hash(size)
    assert mine.connections >= 4
    shown.clear()
    mine.place.type(b"echo shell $$; exit 3\n")
    mine.until(lambda: mine.exit, shown.extend)
    assert SHELL.findall(shown) == shell
    assert mine.exit == {"status": 3}
    mine.drop()


def test_what_is_typed_arrives_once_over_many_cuts(shared: Installation, workspace: str, network: Network) -> None:
    mine = viewer(shared, workspace, network.port, "typed")
    shown = bytearray()
    mine.place.type(b"stty -echo raw; echo re''ady; head -c 300000 | sha256sum; stty sane; echo do''ne\n")
    mine.until(lambda: b"ready" in shown, shown.extend)
    time.sleep(0.3)  # the terminal is raw a moment later, which nothing announces
    text = b"".join(b"%09d " % number for number in range(30_000))
    for piece in range(10):
        mine.place.type(text[piece * 30_000 : (piece + 1) * 30_000])
        mine._step(shown.extend) if piece % 2 else None
        network.cut()
        mine.drop()
        network.mend()
    mine.until(lambda: b"done" in shown, shown.extend)
    assert hashlib.sha256(text).hexdigest().encode() in shown
    mine.leave()


def test_a_program_is_not_held_up_by_a_viewer_that_is_away(
    shared: Installation, workspace: str, network: Network
) -> None:
    mine = viewer(shared, workspace, network.port, "away")
    shown = bytearray()
    mine.place.type(b"stty -echo -opost; PS1=; echo re''ady\n")
    mine.until(lambda: b"ready\n" in shown, shown.extend)
    mine.place.type(f"echo be''gin; {SCRIPT} | head -c 30000000; touch over; sleep 1000\n".encode())
    mine.until(lambda: len(shown) > 1_000_000, shown.extend)
    del shown[: shown.index(b"begin\n") + 6]
    mine.drop()
    end = time.monotonic() + 90
    while shared.sh("blog", "test -e over && echo yes; true") != "yes":
        assert time.monotonic() < end
        time.sleep(0.2)
    mine.until(lambda: len(shown) >= 30_000_000, shown.extend)
    assert hashlib.sha256(shown).hexdigest() == expected_hash(30_000_000)
    mine.leave()


def test_several_see_the_same_and_a_watcher_can_neither_type_nor_resize(shared: Installation, workspace: str) -> None:
    name = f"pair-{secrets.token_hex(4)}"
    writers = [viewer(shared, workspace, shared.port, name) for _ in range(2)]
    watcher = viewer(shared, workspace, shared.port, name, read_only=True)
    everyone = [*writers, watcher]
    shown = [bytearray() for _ in everyone]
    for one, its in zip(everyone, shown, strict=True):
        one.until(lambda one=one: one.attached, its.extend)  # type: ignore[misc]
    watcher.place.type(b"touch /tmp/typed\n")
    together(everyone, shown, lambda: all(one.attached == 3 for one in everyone))
    watcher.raw(b"\x03" + b'{"resize": {"cols": 7, "rows": 7}}')
    watcher.raw(b"\x03" + b'{"signal": "KILL"}')
    watcher.raw(b"\x00touch /tmp/typed\n")
    writers[0].place.type(b"stty size; echo o''ne\n")
    together(everyone, shown, lambda: b"one" in shown[0])
    writers[1].place.type(b"echo t''wo; ls /tmp/typed\n")
    together(everyone, shown, lambda: all(b"No such file" in its for its in shown))
    # A prompt may follow already; queries of the terminal are not replayed to who came after them.
    first, *others = (its.partition(b"No such file")[0].replace(b"\x1b[6n", bytes(4)) for its in shown)
    assert others == [first, first]
    assert b"24 80" in shown[0]
    listed = shared.api("GET", f"/workspaces/{workspace}/terminals")["items"]
    assert next(one for one in listed if one["name"] == name)["attached"] == 3
    for one in everyone:
        one.leave()


def together(viewers: list[ResumingViewer], shown: list[bytearray], done: Callable[[], bool]) -> None:
    """Pump all of them, as their pages do, until `done`."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, [one.told() for one in viewers]
        for one, its in zip(viewers, shown, strict=True):
            one.pump(its.extend)


def test_terminals_are_made_listed_and_closed(shared: Installation, workspace: str) -> None:
    path = f"/workspaces/{workspace}/terminals"
    made = shared.api("POST", path, {"name": "build", "command": "sleep 1000"})
    assert (made["name"], made["command"], made["attached"]) == ("build", "sleep 1000", 0)
    assert "build" in {one["name"] for one in shared.api("GET", path)["items"]}
    shared.api("DELETE", f"{path}/build")
    assert "build" not in {one["name"] for one in shared.api("GET", path)["items"]}


class Keyboard:
    """`carrel attach` in a terminal of its own."""

    def __init__(self, installation: Installation, *words: str) -> None:
        self._master, slave = pty.openpty()
        command = [str(BIN / "carrel"), "attach", *words]
        self.process = subprocess.Popen(
            command, env=installation.environment, stdin=slave, stdout=slave, stderr=subprocess.PIPE
        )
        os.close(slave)
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, wanted: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while wanted not in self.shown:
            ready, _, _ = select.select([self._master], [], [], max(0.0, end - time.monotonic()))
            assert ready, self.shown
            self.shown += os.read(self._master, 65536).decode(errors="replace")

    def end(self) -> tuple[int, str]:
        """Exit status, and what it said to the person."""
        assert self.process.stderr is not None
        said = self.process.stderr.read().decode()
        status = self.process.wait(60)
        self.process.stderr.close()
        os.close(self._master)
        return status, said


def test_carrel_attach_goes_on_after_a_restart_of_the_server_and_is_left_by_its_keys(
    shared: Installation, workspace: str
) -> None:
    mine = Keyboard(shared, "blog", "desk")
    mine.type("N=7; echo be''gun\r")
    mine.until("begun")
    watcher = Keyboard(shared, "--read-only", "blog", "desk")
    watcher.until("begun")
    shared.kill()
    mine.type("echo still-$N\r")
    time.sleep(2)  # so long that it says what is the matter
    shared.start()
    for each in (mine, watcher):
        each.until("still-7")
        assert each.shown.count("still-7") == 1
    watcher.type("touch /tmp/watched\r\x03")
    assert watcher.end()[0] == 0
    listed = subprocess.run(
        [BIN / "carrel", "attach", "--list", "blog"], env=shared.environment, capture_output=True, text=True, check=True
    )
    assert re.search(r"^desk +1 attached", listed.stdout, re.MULTILINE)
    mine.type("\r~.")
    status, said = mine.end()
    assert status == 0
    assert "Enter ~ . leaves" in said
    assert "trying again" in said
    assert "Back." in said
    again = Keyboard(shared, "blog", "desk")
    again.until("still-7")
    again.type("ls /tmp/watched; exit 5\r")
    again.until("No such file")
    assert again.end()[0] == 5


def test_who_only_looks_on_makes_no_terminal(shared: Installation, workspace: str) -> None:
    status, said = Keyboard(shared, "-r", workspace, "nothing").end()
    assert status == 255
    assert "There is no terminal 'nothing'" in said


def test_the_page_goes_on_in_the_same_place_has_several_terminals_and_lets_others_look_on(
    shared: Installation, workspace: str
) -> None:
    with chromium() as browser, somebody_else(browser) as other:
        page, watching = browser.new_page(), other.new_page()
        refused = [csp_refusals(each) for each in (page, watching)]
        for each, query in ((page, ""), (watching, "?terminal=main&watch")):
            each.goto(shared.api("POST", "/login-links", {})["url"])
            each.goto(f"http://127.0.0.1:{shared.port}/workspaces/{workspace}/terminal{query}")
            expect(each.get_by_role("status").filter(has_text="Goes on running")).to_be_visible()
        expect(watching.get_by_text("Read-only", exact=True)).to_be_visible()
        expect(page.get_by_text("1 other is attached.")).to_be_visible()
        page.locator(".xterm").click()
        page.keyboard.type("N=7; clear; for i in $(seq 10 25); do echo line-$i; sleep 0.25; done\n")
        expect(page.locator(".xterm-rows")).to_contain_text("line-13")
        shared.kill()
        expect(page.get_by_text("Reconnecting")).to_be_visible()
        page.keyboard.type("echo typed-$N\n")
        shared.start()
        watching.keyboard.type("echo watch''ed\n")
        for each in (page, watching):
            expect(each.locator(".xterm-rows")).to_contain_text("typed-7")
            shown = each.locator(".xterm-rows").inner_text().replace("\xa0", " ")
            assert [shown.count(f"line-{number}") for number in range(10, 26)] == [1] * 16, shown
            assert shown.count("typed-7") == 1
            assert "watched" not in shown
        make_and_close_another(page)
        assert refused == [[], []]


def make_and_close_another(page: Page) -> None:
    page.get_by_role("button", name="New terminal").click()
    expect(page).to_have_url(re.compile("terminal=terminal-2"))
    expect(page.get_by_role("status").filter(has_text="Goes on running")).to_be_visible()
    page.locator(".xterm").click()
    page.keyboard.type("sleep 1000\n")
    expect(page.locator(".xterm-rows")).to_contain_text("sleep 1000")
    close = page.get_by_role("button", name="Close terminal terminal-2")
    expect(close).to_be_visible()
    dialog = page.get_by_role("dialog")
    close.click()
    expect(dialog).to_contain_text("sleep runs in it")
    dialog.get_by_role("button", name="Close it").click()
    expect(page).to_have_url(re.compile("terminal=main"))
    expect(page.get_by_role("navigation", name="Terminals")).not_to_contain_text("terminal-2")


def csp_refusals(page: Page) -> list[str]:
    """What the content security policy refuses, as it comes."""
    found: list[str] = []
    page.on("console", lambda said: found.append(said.text) if "Content Security Policy" in said.text else None)
    return found
