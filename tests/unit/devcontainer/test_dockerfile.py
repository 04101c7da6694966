import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.dockerfile import KnownValues, base_image, dockerfile_user, external_images, parse_dockerfile


def base(text: str, target: str = "", **args: str) -> str:
    return base_image(parse_dockerfile(text), KnownValues(args, {}, {"TARGETARCH": "amd64"}), target)


def user(text: str, target: str = "", env: dict[str, str] | None = None, **args: str) -> str:
    return dockerfile_user(parse_dockerfile(text), KnownValues(args, env or {}), target)


@pytest.mark.conformance("C142", "C143")
@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("FROM debian:12", "debian:12"),
        ("# comment\n  from debian:12 as x", "debian:12"),
        ("FROM --platform=linux/amd64 debian:12", "debian:12"),
        ('FROM "debian:12" AS x', "debian:12"),
        ("FROM a AS one\nFROM b AS two\nFROM one", "a"),
        ("FROM a AS one\nFROM one AS two\nFROM two", "a"),
        ("FROM a AS one\nFROM ONE", "a"),
        ("ARG V=12\nFROM debian:$V", "debian:12"),
        ("ARG V\nFROM debian:${V:-11}", "debian:11"),
        ("ARG V=1\nFROM debian${V:+-slim}", "debian-slim"),
        ('ARG V="12"\nFROM debian:${V}', "debian:12"),
        ("ARG A=x\nARG B=${A}y\nFROM i:$B", "i:xy"),
        ("FROM base-$TARGETARCH", "base-amd64"),
        ("# FROM no\nFROM yes\nRUN echo FROM x", "yes"),
        ("FROM \\\n  debian:12", "debian:12"),
        ("FROM scratch", "scratch"),
        ("\r\nFROM debian:12\r\nUSER x\r\n", "debian:12"),
    ],
)
def test_the_base_image_is_at_the_root_of_the_last_stage(text: str, image: str) -> None:
    assert base(text) == image


@pytest.mark.conformance("C143", "C137")
def test_a_target_names_the_stage_and_arguments_win_over_defaults() -> None:
    text = "ARG V=1\nFROM a:$V AS dev\nFROM b AS prod"
    assert base(text, "dev") == "a:1"
    assert base(text, "dev", V="2") == "a:2"
    assert base(text) == "b"
    with pytest.raises(Problem, match="dev, prod"):
        base(text, "test")


@pytest.mark.conformance("C142")
def test_no_from_is_an_error() -> None:
    with pytest.raises(Problem, match="no FROM"):
        parse_dockerfile("RUN true")


@pytest.mark.conformance("C144")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nUSER x\nUSER y", "y"),
        ("FROM a AS one\nUSER x\nFROM one\nRUN true", "x"),
        ("FROM a\nARG U=dev\nUSER $U", "dev"),
        ("FROM a\nENV U=dev\nUSER ${U}", "dev"),
        ("FROM a\nENV A=1 U=dev B='x y'\nUSER ${U}", "dev"),
        ("FROM a\nENV U dev\nUSER $U", "dev"),
        ("FROM a\nUSER $BASE_USER", "fromimage"),
        ("FROM a\nUSER 'q'", "q"),
        ("FROM a", ""),
        ("FROM a AS one\nUSER x\nFROM b", ""),
    ],
)
def test_the_user_is_the_last_one_of_the_stage_or_of_those_below(text: str, expected: str) -> None:
    assert user(text, env={"BASE_USER": "fromimage"}) == expected


def test_a_stage_that_refers_to_itself_ends() -> None:
    assert base("ARG A=$A\nFROM x:$A") == "x:"
    assert base("FROM one AS one") == "one"


def test_external_images_are_those_that_no_stage_makes() -> None:
    text = "FROM a AS one\nFROM one AS two\nFROM b\nFROM scratch\nFROM a"
    assert external_images(parse_dockerfile(text), KnownValues()) == ("a", "b")


@pytest.mark.conformance("C148")
def test_the_syntax_line_is_known() -> None:
    assert parse_dockerfile("# syntax=docker/dockerfile:1.4\nFROM a").syntax == "docker/dockerfile:1.4"


@pytest.mark.conformance("C142")
def test_what_stands_in_a_here_document_or_a_continued_line_is_no_instruction() -> None:
    text = "FROM a AS one\nRUN <<EOF\nSELECT 1\nFROM table\nUSER none\nEOF\nRUN x \\\n  FROM b\nUSER me\n"
    assert base(text) == "a"
    assert user(text) == "me"
