"""The init's fence: networks out of reach before anything runs, and nobody left who could undo it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.unit.toolbox.running_init import start_as_pid_1

NET_ADMIN = 1 << 12
SHOW = "cat /proc/net/route | wc -l; ip route; grep CapBnd /proc/self/status; ip link set lo up || echo refused"


def in_a_network_of_its_own(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", *argv], capture_output=True, text=True, check=False
    )


def test_a_service_starts_behind_the_fence_and_cannot_undo_it(init_program: Path) -> None:
    record = "unreachable=169.254.0.0/16\nunreachable=default\ndrop-net-admin=1\nenv=COLOUR=blue\ncwd=/tmp"
    script = SHOW + "; echo $COLOUR $PWD; ip route del 169.254.0.0/16 2>/dev/null || echo still there"
    done = in_a_network_of_its_own(str(init_program), "--service", record, "--", "/bin/sh", "-c", script)
    assert done.returncode == 0
    assert "unreachable 169.254.0.0/16" in done.stdout
    assert "unreachable default" in done.stdout
    bounding = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("CapBnd"))
    assert not int(bounding, 16) & NET_ADMIN
    assert "refused" in done.stdout
    assert "blue /tmp" in done.stdout
    assert "still there" in done.stdout


async def test_the_agent_starts_behind_the_fence(init_program: Path, tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.write_bytes(b"unreachable=169.254.0.0/16\0drop-net-admin=1\0")
    agent = ["/bin/sh", "-c", "ip route; grep CapBnd /proc/self/status; exec sleep 60"]
    init = await start_as_pid_1(["unshare", "--net", str(init_program), "--record", str(record), "--", *agent])
    try:
        assert (await init.line()).startswith("unreachable 169.254.0.0/16")
        assert not int((await init.line()).split()[1], 16) & NET_ADMIN
    finally:
        init.process.kill()
        await init.process.communicate()


def test_what_cannot_be_fenced_in_does_not_run(init_program: Path) -> None:
    for network in ("nonsense", "1.2.3.4/33", "1.2.3.4", "1.2.3/8"):
        done = in_a_network_of_its_own(
            str(init_program), "--service", f"unreachable={network}", "--", "/bin/echo", "it runs"
        )
        assert done.returncode == 70
        assert done.stdout == ""
        assert f"cannot make {network} unreachable" in done.stderr


def test_without_the_right_to_change_routes_nothing_runs(init_program: Path) -> None:
    argv = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin"]
    service = [str(init_program), "--service", "unreachable=169.254.0.0/16", "--", "/bin/echo", "it runs"]
    done = in_a_network_of_its_own(*argv, *service)
    assert (done.returncode, done.stdout) == (70, "")


def test_a_service_runs_as_its_user_or_not_at_all(init_program: Path) -> None:
    argv = [str(init_program), "--service", "user=nobody-of-that-name", "--", "/bin/echo", "it runs"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
