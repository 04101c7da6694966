import shlex
import subprocess
from typing import Any

import pytest

from carrel.devcontainer.features.install import Installation, build_file, context_files, feature_warnings, quote
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import parse_reference


def feature(name: str, given: Any = None, /, **metadata: Any) -> Feature:
    reference = parse_reference(f"ghcr.io/c/{name}")
    return Feature(
        reference,
        {"id": name, "version": "1", **metadata},
        given or {},
        "sha256:1",
        {"install.sh": b"#!/bin/sh\n", "lib/x": b"1"},
    )


def installation(*features: Feature, **settings: Any) -> Installation:
    return Installation("base:1", features, "dev", "app", **{"image_user": "app", **settings})


@pytest.mark.conformance("C240", "C242", "C245", "C246", "C247", "C248", "C250", "C251")
def test_each_feature_is_one_run_that_leaves_nothing_behind() -> None:
    text = build_file(
        installation(
            feature("a", containerEnv={"A": "1", "PATH": '/a"b:${PATH}'}),
            feature("b"),
            container_env={"X": 'p"$q\\'},
            label="LABEL a=b\n",
        )
    )
    run = "RUN cd /tmp/dev-container-features/{0} && chmod -R 0755 . && ./devcontainer-features-install.sh && cd / && rm -rf /tmp/dev-container-features"
    assert text.splitlines() == [
        "FROM base:1",
        "USER root",
        'ENV A="1"',
        'ENV PATH="/a\\"b:${PATH}"',
        "COPY --chown=root:root a_0 /tmp/dev-container-features/a_0",
        run.format("a_0"),
        "COPY --chown=root:root b_1 /tmp/dev-container-features/b_1",
        run.format("b_1"),
        'ENV X="p\\"\\$q\\\\"',
        "USER app",
        "LABEL a=b",
    ]


@pytest.mark.conformance("C251")
def test_buildkit_mounts_the_content_instead_of_copying_it() -> None:
    text = build_file(installation(feature("a"), builder="buildkit"))
    assert "COPY" not in text
    assert "RUN --mount=type=bind,source=a_0,target=/tmp/dev-container-features-source/a_0" in text


def test_root_is_restored_where_the_image_names_no_user() -> None:
    assert build_file(installation(image_user="")).splitlines(keepends=True)[-1] == "USER root\n"


@pytest.mark.conformance("C242", "C254")
def test_the_content_of_each_feature_lies_in_a_folder_of_its_own() -> None:
    files = context_files(installation(feature("a"), feature("a", {"x": "1"})))
    assert {path for path in files if path.endswith(("install.sh", "x"))} >= {
        "a_0/install.sh",
        "a_1/install.sh",
        "a_0/lib/x",
        "a_1/lib/x",
    }


@pytest.mark.conformance("C234", "C243")
@pytest.mark.parametrize("value", ["$HOME", "`id`", 'q"q', "it's", "a b", "\\", "", "x;y", "line\nbreak", "ü"])
def test_option_values_reach_the_script_literally(value: str, tmp_path: Any) -> None:
    files = context_files(installation(feature("a", {"greeting": value})))
    (tmp_path / "env").write_bytes(files["a_0/devcontainer-features.env"])
    seen = subprocess.run(
        ["/bin/sh", "-c", '. ./env; printf %s "$GREETING"'], cwd=tmp_path, capture_output=True, check=True
    )
    assert seen.stdout.decode() == value


@pytest.mark.conformance("C235", "C236", "C241", "C243", "C249", "C239")
def test_the_script_sets_the_built_in_variables_and_names_a_feature_that_fails(tmp_path: Any) -> None:
    files = context_files(installation(feature("a", name="It's A", documentationURL="https://docs")))
    for path, content in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(0o755)
    (tmp_path / "a_0/install.sh").write_text(
        '#!/bin/sh\necho "$_REMOTE_USER,$_CONTAINER_USER,$_REMOTE_USER_HOME,$PWD"; exit 3\n'
    )
    done = subprocess.run(
        ["./devcontainer-features-install.sh"], cwd=tmp_path / "a_0", capture_output=True, check=False, text=True
    )
    assert done.returncode == 3
    assert f"dev,app,,{tmp_path}/a_0" in done.stdout
    assert 'ERROR: Feature "It\'s A" (ghcr.io/c/a) failed to install! Its documentation: https://docs' in done.stderr


@pytest.mark.conformance("C236")
def test_homes_are_looked_up_in_the_image_by_name_or_number(tmp_path: Any) -> None:
    files = context_files(Installation("b", [feature("a")], "root", "0", "root"))
    script = (
        files["a_0/devcontainer-features-install.sh"]
        .decode()
        .replace("./install.sh", 'echo "$_REMOTE_USER_HOME,$_CONTAINER_USER_HOME"')
    )
    (tmp_path / "devcontainer-features.env").write_text("")
    done = subprocess.run(
        ["/bin/sh", "-c", script.replace('chmod +x echo "', 'true "')],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "/root,/root"


@pytest.mark.conformance("C238")
def test_deprecation_and_renaming_are_said() -> None:
    assert feature_warnings(feature("a")) == ()
    assert "deprecated" in feature_warnings(feature("a", deprecated=True))[0]
    assert "renamed to b" in feature_warnings(feature("a", legacyIds=["a"], currentId="b"))[0]


def test_certificates_are_trusted_before_the_feature_runs() -> None:
    files = context_files(installation(feature("a"), certificates="PEM"))
    script = files["a_0/devcontainer-features-install.sh"].decode()
    assert files["a_0/carrel-certificates.pem"] == b"PEM"
    assert script.index("SSL_CERT_FILE") < script.index("./install.sh")


@pytest.mark.parametrize("text", ["", "a", "it's", "a b\n$c"])
def test_quoting_gives_one_word(text: str) -> None:
    assert shlex.split(quote(text)) == [text]
