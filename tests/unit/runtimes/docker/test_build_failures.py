from __future__ import annotations

from carrel.runtimes.docker.build_failures import BuildKit, Classic
from carrel.runtimes.docker.dockerfile import prepare

TEXT = "FROM debian AS base\nRUN true\nFROM base\nRUN echo why \\\n  && false\n"


def test_buildkits_failing_step() -> None:
    watcher = BuildKit(prepare(TEXT))
    for line in [
        "#4 [base 1/2] FROM docker.io/library/debian",
        "#5 [base 2/2] RUN true",
        "#5 DONE 0.1s",
        "#6 [stage-1 1/1] RUN echo why   && false",
        "#6 0.299 why",
        "#6 ERROR: executor failed running [/bin/sh -c echo why   && false]: exit code: 1",
        "------",
        " > [stage-1 1/1] RUN echo why   && false:",
        "executor failed running [/bin/sh -c echo why   && false]: exit code: 1",
    ]:
        watcher.see(line)
    problem = watcher.problem()
    assert problem.kind == "build_failed"
    assert problem.detail == "Line 4: RUN echo why && false: exit code 1\nwhy"
    assert problem.extra == {"line": 4, "step": "RUN echo why && false"}


def test_buildkits_words_of_a_newer_cli_with_a_platform() -> None:
    watcher = BuildKit(prepare("FROM debian\nRUN false\n"))
    watcher.see("#5 [linux/amd64 2/2] RUN false")
    watcher.see('#5 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1')
    assert watcher.problem().extra["line"] == 2


def test_buildkits_parse_errors_have_a_line() -> None:
    watcher = BuildKit(prepare("FROM x\nFETCH y\n"))
    watcher.see(
        "failed to solve with frontend dockerfile.v0: dockerfile parse error line 2: unknown instruction: FETCH"
    )
    problem = watcher.problem()
    assert problem.extra == {"line": 2}
    assert "FETCH" in problem.detail


def test_the_classic_builders_failing_step() -> None:
    watcher = Classic(prepare(TEXT))
    for line in [
        "Step 1/4 : FROM debian AS base",
        " ---> 1",
        "Step 4/4 : RUN echo why   && false",
        " ---> Running in 2",
        "why",
    ]:
        watcher.see(line)
    problem = watcher.problem("The command '/bin/sh -c echo why   && false' returned a non-zero code: 1")
    assert problem.extra["line"] == 4
    assert "exit code 1" in problem.detail
    assert problem.detail.endswith("why")


def test_a_full_disk_is_a_problem_of_its_own() -> None:
    watcher = Classic(prepare(TEXT))
    assert watcher.problem("write /x: no space left on device").kind == "no_space"
    kit = BuildKit(prepare(TEXT))
    kit.see("#6 [base 2/2] RUN true")
    kit.see("#6 ERROR: failed to copy: write /x: no space left on device")
    assert kit.problem().kind == "no_space"


def test_a_builder_that_said_nothing_is_not_made_up() -> None:
    assert BuildKit(prepare(TEXT)).problem().detail == "The builder gave no reason."


def test_a_command_of_several_lines_fails_with_its_exit_code_and_without_digests() -> None:
    watcher = BuildKit(prepare('FROM debian\nRUN ["/bin/sh", "-c", "echo why\\nexit 3"]\n'))
    for line in [
        '#6 [2/2] RUN ["/bin/sh", "-c", "echo why\\nexit 3"]',
        "#6 sha256:d462395eb0aefccecf76a99382ed85308f934278acb249ad68ae2c9ad1add629",
        "#6 0.299 why",
        "#6 ERROR: executor failed running [/bin/sh -c echo why",
        "exit 3]: exit code: 3",
        "executor failed running [/bin/sh -c echo why",
        "exit 3]: exit code: 3",
    ]:
        watcher.see(line)
    assert watcher.problem().detail.endswith("exit code 3\nwhy")
