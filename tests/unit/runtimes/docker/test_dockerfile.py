from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from carrel.runtimes.docker.dockerfile import instructions, prepare

TEXT = """\
# syntax=docker/dockerfile:1
# a comment
ARG BASE=debian:12
FROM --platform=linux/amd64 ${BASE} AS Tools

RUN apt-get update && \\
    # inside
    apt-get install -y git \\

    && true
copy --chown=1:1 a b /
FROM scratch
COPY --from=tools /x /
FROM tools AS last
RUN <<EOF
echo FROM nowhere
EOF
WORKDIR /w
CMD ["x"]
"""


def test_instructions_have_their_lines() -> None:
    assert [(one.line, one.keyword) for one in instructions(TEXT)] == [
        (3, "ARG"), (4, "FROM"), (6, "RUN"), (11, "COPY"), (12, "FROM"), (13, "COPY"), (14, "FROM"), (15, "RUN"), (18, "WORKDIR"), (19, "CMD"),
    ]  # fmt: skip


def test_continued_lines_are_one_text_without_comments() -> None:
    assert instructions(TEXT)[2].text == "RUN apt-get update && apt-get install -y git && true"


def test_another_escape_character() -> None:
    text = "# escape=`\nFROM x\nRUN a `\n  b\nRUN c\\\nRUN d\n"
    assert [(one.line, one.text) for one in instructions(text)] == [
        (2, "FROM x"),
        (3, "RUN a b"),
        (5, "RUN c\\"),
        (6, "RUN d"),
    ]


def test_steps_are_found_as_buildkit_counts_them() -> None:
    prepared = prepare(TEXT)
    found = {
        (stage, number): step.line if (step := prepared.in_stage(stage, number)) else None
        for stage, number in [
            ("tools", 1),
            ("tools", 2),
            ("tools", 3),
            ("stage-1", 1),
            ("last", 1),
            ("last", 2),
            ("last", 3),
        ]
    }
    assert found == {
        ("tools", 1): 4, ("tools", 2): 6, ("tools", 3): 11, ("stage-1", 1): 13, ("last", 1): 15, ("last", 2): 18, ("last", 3): None,
    }  # fmt: skip


def test_steps_are_found_as_the_classic_builder_counts_them() -> None:
    prepared = prepare("FROM x\nENV A=1\nRUN y\n")
    assert [step.line if (step := prepared.counted(number)) else None for number in (1, 2, 3, 4, 0)] == [
        1,
        2,
        3,
        None,
        None,
    ]


def test_lines_are_put_behind_each_image_from_outside() -> None:
    prepared = prepare(TEXT, ("COPY ca /ca", "ARG CA=/ca"))
    lines = prepared.text.splitlines()
    assert lines[4:7] == ["COPY ca /ca", "ARG CA=/ca", ""]
    assert lines.count("COPY ca /ca") == 1
    assert lines[0] == "# syntax=docker/dockerfile:1"
    step = prepared.in_stage("tools", 3)
    assert step is not None
    assert step.line == 6
    assert [one.keyword for one in instructions(prepared.text)] == [one.keyword for one in prepared.instructions]


@given(st.text(alphabet="FROMRUNCOPY ab\\\n#`<=\"'", max_size=200))
def test_no_text_breaks_the_parser_and_none_is_lost(text: str) -> None:
    prepared = prepare(text, ("ARG CA=1",))
    assert [line for line in prepared.text.splitlines() if line != "ARG CA=1"] == text.splitlines()
