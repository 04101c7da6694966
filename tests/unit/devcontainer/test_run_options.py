from dataclasses import replace

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.mounts import MountRequest
from carrel.devcontainer.policy import FLAGS, Policy
from carrel.devcontainer.run_options import judge_run_args
from carrel.devcontainer.runargs import Option, parse_run_args, size_bytes


def judged(*words: str, policy: Policy | None = None, **env: str) -> Allowance:
    allowance = Allowance(policy or Policy(), env)
    judge_run_args(allowance, words)
    return allowance


@pytest.mark.conformance("C156", "C158")
@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["--name=x", "--name", "y"], [("name", "x"), ("name", "y")]),
        (["-e", "A=1", "-eB=2", "-e=C=3"], [("env", "A=1"), ("env", "B=2"), ("env", "C=3")]),
        (["-it", "--rm"], [("interactive", ""), ("tty", ""), ("rm", "")]),
        (["-itv", "a:/b"], [("interactive", ""), ("tty", ""), ("volume", "a:/b")]),
        (["--privileged=false"], [("privileged", "false")]),
        (["--env", "A='x y'"], [("env", "A='x y'")]),
        (["--unheard-of"], [("unheard-of", "")]),
        (["--unheard-of", "--init"], [("unheard-of", ""), ("init", "")]),
        (["--unheard-of", "value", "--init"], [("unheard-of", "value"), ("init", "")]),
        (["--name with a blank"], [("name with a blank", "")]),
    ],
)
def test_words_are_read_as_docker_reads_them(words: list[str], options: list[tuple[str, str]]) -> None:
    assert parse_run_args(words) == tuple(Option(*one) for one in options)


@pytest.mark.parametrize("words", [["image"], ["--name"], ["-X"], ["-e"]])
def test_words_that_are_no_options_are_an_error(words: list[str]) -> None:
    with pytest.raises(Problem, match="runArgs"):
        parse_run_args(words)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2g", 2**31),
        ("64m", 2**26),
        ("1kb", 1024),
        ("1KiB", 1024),
        ("10", 10),
        ("1.5k", 1536),
        ("x", None),
        ("", None),
        ("-1", None),
    ],
)
def test_sizes_are_read_as_docker_reads_them(text: str, size: int | None) -> None:
    assert size_bytes(text) == size


@pytest.mark.conformance("C157", "C161", "C162")
def test_allowed_flags_become_settings() -> None:
    allowance = judged(
        "--hostname=box", "-e", "A=1", "--env", "HOME", "-l", "team=x", "--add-host=db:10.0.0.1", "--shm-size", "1g",
        "--ulimit", "nofile=100:200", "--user", "dev", "-w", "/w", "--init",
        HOME="/h",
    )  # fmt: skip
    assert allowance.hostname == "box"
    assert allowance.env == {"A": "1", "HOME": "/h"}
    assert allowance.labels == {"team": "x"}
    assert allowance.extra_hosts == ["db:10.0.0.1"]
    assert allowance.shm_bytes == 2**30
    assert allowance.ulimits == {"nofile": (100, 200)}
    assert (allowance.user, allowance.working_dir) == ("dev", "/w")
    assert allowance.notices == []


@pytest.mark.conformance("C158", "C176")
@pytest.mark.parametrize(
    "flag",
    ["--pid=host", "--network=host", "--ipc=host", "--userns=host", "--cgroup-parent=/", "--publish=80:80", "--env-file=/etc/passwd", "--volumes-from=x", "--cap-drop=ALL", "--memory=1g", "--sysctl=a=b", "--runtime=x", "--link=a", "--uts=host", "--security-optx=y"],
)  # fmt: skip
def test_any_other_flag_is_refused_by_its_name(flag: str) -> None:
    (notice,) = judged(flag).notices
    assert notice.level == "refused"
    assert notice.key == f"runArgs {flag.partition('=')[0]}"


@pytest.mark.conformance("C158", "C176")
def test_short_and_joined_forms_do_not_pass_the_policy_by() -> None:
    assert [notice.key for notice in judged("-P", "-p80:80").notices] == ["runArgs --publish-all", "runArgs --publish"]
    assert [notice.level for notice in judged("--privileged", "--privileged=true").notices] == ["refused"]
    assert judged("--privileged=false").notices == []


@pytest.mark.conformance("C159", "C160")
@pytest.mark.parametrize("flag", ["--name=x", "--rm", "--restart=always", "-it", "--detach"])
def test_flags_without_meaning_here_are_ignored_with_a_remark(flag: str) -> None:
    assert {notice.level for notice in judged(flag).notices} == {"info"}


@pytest.mark.parametrize("label", ["dev.carrel.workspace=x", "devcontainer.metadata=[]", "com.docker.x=1"])
def test_reserved_labels_are_refused(label: str) -> None:
    allowance = judged("--label", label)
    assert allowance.labels == {}
    assert [notice.level for notice in allowance.notices] == ["refused"]


def test_ceilings_cap_with_a_warning() -> None:
    allowance = judged(
        "--shm-size=64g",
        "--ulimit",
        "nofile=-1",
        "--ulimit=memlock=-1",
        "--shm-size=x",
        "--ulimit=a=b",
        "--add-host=x",
        "-e",
        "NO",
    )
    assert allowance.shm_bytes == Policy().max_shm_bytes
    assert allowance.ulimits == {"nofile": (Policy().max_nofile,) * 2, "memlock": (Policy().max_ulimit,) * 2}
    assert [notice.level for notice in allowance.notices] == ["warning"] * 6


@pytest.mark.conformance("C420")
def test_gpus_are_taken_within_the_size() -> None:
    assert judged("--gpus", "all", policy=Policy(max_gpus=2)).gpus == 2
    assert judged("--gpus=1", policy=Policy(max_gpus=2)).gpus == 1
    none = judged("--gpus=all")
    assert (none.gpus, [notice.level for notice in none.notices]) == (0, ["warning"])


def test_mount_flags_are_mounts() -> None:
    allowance = judged(
        "-v",
        "cache:/c:ro",
        "--volume=/anonymous",
        "-v=/etc:/e",
        "--mount",
        "type=tmpfs,dst=/t",
        "--tmpfs",
        "/u:size=1m",
        "-v",
        "a:b",
    )
    assert [request for request, _, _ in allowance.mounts] == [
        MountRequest("volume", "/c", "cache", read_only=True),
        MountRequest("volume", "/anonymous"),
        MountRequest("bind", "/e", "/etc"),
        MountRequest("tmpfs", "/t"),
        MountRequest("tmpfs", "/u", options={"tmpfs-size": "1m"}),
    ]
    assert [notice.key for notice in allowance.notices] == ["runArgs --volume"]


@pytest.mark.parametrize(
    ("words", "grant", "field", "value"),
    [
        (["--privileged"], "privileged", "privileged", True),
        (["--cap-add=SYS_PTRACE"], "capabilities", "capabilities", ["SYS_PTRACE"]),
        (["--cap-add", "cap_sys_ptrace"], "capabilities:SYS_PTRACE", "capabilities", ["SYS_PTRACE"]),
        (["--security-opt", "seccomp=unconfined"], "security-options", "security_options", ["seccomp=unconfined"]),
        (["--device=/dev/kvm"], "devices:/dev/kvm", "devices", ["/dev/kvm"]),
    ],
)
def test_privileges_need_their_grant_and_the_notice_names_it(
    words: list[str], grant: str, field: str, value: object
) -> None:
    refused = judged(*words)
    assert not getattr(refused, field)
    (notice,) = refused.notices
    assert notice.level == "refused"
    assert grant.partition(":")[0] in notice.who
    allowed = judged(*words, policy=replace(Policy(), granted=frozenset({grant})))
    assert getattr(allowed, field) == value
    assert allowed.notices == []


def test_a_grant_for_one_capability_is_no_grant_for_another() -> None:
    allowance = judged("--cap-add=SYS_ADMIN", policy=Policy(granted=frozenset({"capabilities:SYS_PTRACE"})))
    assert allowance.capabilities == []


def test_a_stricter_security_option_needs_no_grant() -> None:
    assert judged("--security-opt=no-new-privileges").security_options == ["no-new-privileges"]
    assert judged("--security-opt", "no-new-privileges:false").security_options == []


def test_every_flag_of_the_table_is_known_to_the_parser() -> None:
    for flag in FLAGS:
        assert all("the flag is not allowed" not in notice.message for notice in judged(f"--{flag}=target=/x").notices)


@pytest.mark.conformance("C060")
def test_a_label_is_split_at_its_first_equals_sign() -> None:
    assert judged("--label", "a=b=c", "--label=d").labels == {"a": "b=c", "d": ""}
