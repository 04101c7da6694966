from __future__ import annotations

import json
from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.templates import AddedFeature, Choice, Template, apply_template, template_from

CONFIG = ".devcontainer/devcontainer.json"


def template(files: dict[str, bytes] | None = None, **metadata: Any) -> Template:
    """A template with a configuration and some files."""
    everything = {
        "devcontainer-template.json": json.dumps({"id": "t", "version": "1.0.0", **metadata}).encode(),
        CONFIG: b'{"image": "${templateOption:image}"}',
        **(files or {}),
    }
    return template_from({path: Packed(content) for path, content in everything.items()}, "x/t")


def text(made: Template, choice: Choice | None = None, path: str = CONFIG) -> str:
    return apply_template(made, choice).files[path].content.decode()


@pytest.mark.conformance("C431", "C432")
def test_options_are_put_in_every_file() -> None:
    options = {"image": {"type": "string", "default": "debian"}, "flag": {"type": "boolean", "default": False}}
    made = template(
        {"a": b"${templateOption:flag} ${templateOption: image } ${templateOption:none}|$x"}, options=options
    )
    assert text(made, path="a") == "false debian |$x"
    assert text(made, Choice({"image": "alpine:3", "flag": True}), "a") == "true alpine:3 |$x"
    assert text(made) == '{"image": "debian"}'


@pytest.mark.conformance("C433")
def test_an_enum_is_strict_and_proposals_are_not() -> None:
    options = {
        "image": {"type": "string", "enum": ["a", "b"], "default": "a"},
        "free": {"type": "string", "proposals": ["a"], "default": "a"},
        "flag": {"type": "boolean", "default": True},
    }
    made = template(options=options)
    assert text(made, Choice({"free": "anything", "flag": "false"})) == '{"image": "a"}'
    for wrong in ({"image": "c"}, {"flag": "yes"}, {"image": True}):
        with pytest.raises(Problem) as caught:
            apply_template(made, Choice(wrong))
        assert (caught.value.kind, bool(caught.value.hint)) == ("template_failed", True)


@pytest.mark.conformance("C432")
def test_an_option_that_is_not_declared_is_used_with_a_warning() -> None:
    applied = apply_template(template(), Choice({"image": "x", "other": "y"}))
    assert [notice.key for notice in applied.notices] == ["image", "other"]
    assert applied.files[CONFIG].content == b'{"image": "x"}'


@pytest.mark.conformance("C434", "C435")
def test_paths_are_left_out() -> None:
    files = dict.fromkeys(("README.md", "NOTES.md", "docs/README.md", "docs/a/b", "docsx", "tool.cfg"), b"")
    made = template(files, optionalPaths=["docs/*", "tool.cfg"])
    assert list(apply_template(made).files) == [CONFIG, "docs/README.md", "docs/a/b", "docsx", "tool.cfg"]
    applied = apply_template(made, Choice(omit_paths=["docs/*", "tool.cfg"]))
    assert (list(applied.files), applied.notices) == ([CONFIG, "docsx"], ())
    applied = apply_template(made, Choice(omit_paths=["docsx", "docs/a/*"]))
    assert list(applied.files) == [CONFIG, "docs/README.md", "tool.cfg"]
    assert [notice.key for notice in applied.notices] == ["optionalPaths"], "docsx was not offered"


@pytest.mark.conformance("C438")
def test_binary_files_and_modes_stay_as_they_are() -> None:
    binary = b"\x00\xff${templateOption:image}"
    latin = "größe ${templateOption:image}".encode("latin-1")
    made = template({"a.png": binary, "latin.txt": latin}, options={"image": {"type": "string", "default": "x"}})
    made = Template(
        made.name, made.metadata, {**made.files, "run.sh": Packed(b"${templateOption:image}", executable=True)}
    )
    files = apply_template(made).files
    assert (files["a.png"].content, files["latin.txt"].content) == (binary, latin)
    assert files["run.sh"] == Packed(b"x", executable=True)


@pytest.mark.conformance("C436")
def test_features_are_added_and_comments_stay() -> None:
    made = template({CONFIG: b'{\n\t"image": "x", // the image\n\t"features": {\n\t\t"a/b/c:1": {} // c\n\t}\n}\n'})
    choice = Choice(features=[AddedFeature("d.example/e:2", {"v": "1"}), AddedFeature("a/b/c:1", "lts")])
    assert text(made, choice) == (
        '{\n\t"image": "x", // the image\n\t"features": {\n\t\t"a/b/c:1": "lts",\n\t\t"d.example/e:2": {\n'
        '\t\t\t"v": "1"\n\t\t} // c\n\t}\n}\n'
    )
    with pytest.raises(Problem, match="no object"):
        apply_template(template({CONFIG: b'{"features": [1]}'}), choice)
    with pytest.raises(Problem, match=r"line 1"):
        apply_template(template({CONFIG: b'{"features": '}), choice)
    with pytest.raises(Problem, match="to add features to"):
        apply_template(made, Choice(omit_paths=[CONFIG], features=choice.features))


@pytest.mark.conformance("C437")
def test_the_answer_lists_the_files() -> None:
    assert apply_template(template({"ä": b""})).as_json() == '{"files":["./.devcontainer/devcontainer.json","./ä"]}'


@pytest.mark.conformance("C429")
@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({CONFIG: b"{}"}, "has no devcontainer-template"),
        ({"devcontainer-template.json": b'{"id": "x"}'}, r"none of \.devcontainer/"),
        ({"devcontainer-template.json": b"{}", CONFIG: b"{}"}, "lacks 'id'"),
        ({"devcontainer-template.json": b"[", CONFIG: b"{}"}, "line 1"),
        ({"devcontainer-template.json": b"[]", CONFIG: b"{}"}, "object"),
    ],
)
def test_a_folder_that_is_no_template_is_a_problem(files: dict[str, bytes], why: str) -> None:
    with pytest.raises(Problem, match=why) as caught:
        template_from({path: Packed(content) for path, content in files.items()}, "x")
    assert caught.value.kind == "template_failed"
