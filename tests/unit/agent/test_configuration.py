from __future__ import annotations

import hashlib
import os
from pathlib import Path

from carrel.agent.configuration import ConfigurationWatch
from carrel.agent.user_thread import UserThread
from carrel.agent.users import current_user
from carrel.core.agent import ConfigurationFile


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_a_change_is_seen_and_so_is_its_end(tmp_path: Path) -> None:
    user = UserThread(current_user({}))
    first, second, lost = (tmp_path / name for name in ("devcontainer.json", "compose.yml", "Dockerfile"))
    first.write_text("one")
    lost.write_text("x")
    files = [
        ConfigurationFile("devcontainer.json", str(first), (digest("one"),)),
        ConfigurationFile("compose.yml", str(second), ("", digest("two"))),
        ConfigurationFile("Dockerfile", str(lost), (digest("x"),)),
    ]
    watch = ConfigurationWatch()
    assert not await watch.look(files, user)
    first.write_text("other")
    lost.unlink()
    assert await watch.look(files, user)
    assert list(watch.changed) == ["devcontainer.json", "Dockerfile"]
    assert not await watch.look(files, user), "nothing is new"
    first.write_text("one")
    second.write_text("two")
    os.mkfifo(lost)
    assert await watch.look(files, user)
    assert list(watch.changed) == ["Dockerfile"], "a pipe is no file, and is not waited for"
    second.write_text("three")
    assert await watch.look(files, user)
    assert list(watch.changed) == ["compose.yml", "Dockerfile"]


async def test_nothing_is_read_before_the_user_is_known(tmp_path: Path) -> None:
    files = [ConfigurationFile("devcontainer.json", str(tmp_path / "x"), (digest("one"),))]
    assert not await ConfigurationWatch().look(files, None)
