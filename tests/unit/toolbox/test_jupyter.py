"""JupyterLab's starter: which Python, which folder, which index, and what it says when there is none."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "toolbox/jupyter"


@pytest.fixture
def start() -> Any:
    spec = importlib.util.spec_from_file_location("carrel_jupyter_start", FOLDER / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.TOOLBOX = Path("/opt/carrel")
    return module


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_toolbox_is_never_taken_for_the_image(start: Any, tmp_path: Path) -> None:
    start.TOOLBOX = tmp_path / "toolbox"
    program(start.TOOLBOX / "bin/python3", "exit 1")
    there = program(tmp_path / "image/python", "exit 1")
    path = f"{start.TOOLBOX}/bin::{tmp_path}/image"
    assert start.find(("python3", "python"), path) == str(there)
    assert start.find(("uv",), path) == ""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "This image has no Python"),
        ("exit 1", "does not run"),
        ("echo nonsense", "does not run"),
        ("""echo '{"version": [3, 9, 2]}'""", "is 3.9.2"),
    ],
    ids=["none", "broken", "nonsense", "old"],
)
def test_a_python_that_will_not_do_is_told(
    start: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str | None, said: str
) -> None:
    if script is not None:
        program(tmp_path / "python3", script)
    with pytest.raises(SystemExit) as ended:
        start.usable_python(str(tmp_path))
    assert ended.value.code == start.GIVEN_UP
    assert said in capsys.readouterr().out


def test_another_python_or_another_release_is_another_folder(start: Any, tmp_path: Path) -> None:
    python = start.usable_python(str(Path(sys.executable).parent))
    folder = start.folder_for(python, tmp_path)
    assert start.folder_for(python._replace(path="/elsewhere"), tmp_path) == folder
    assert start.folder_for(python._replace(identity="{}"), tmp_path) != folder
    start.REQUIREMENTS = tmp_path / "requirements.txt"
    start.REQUIREMENTS.write_text("jupyterlab==5\n")
    assert start.folder_for(python, tmp_path) != folder


def test_installers_get_the_persons_index_and_certificates(start: Any, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.crt"
    bundle.touch()
    given = {"SSL_CERT_FILE": str(bundle), "PIP_INDEX_URL": "https://index/", "PYTHONPATH": "/x", "HTTPS_PROXY": "p"}
    assert start.environment(given) == {
        "SSL_CERT_FILE": str(bundle),
        "PIP_CERT": str(bundle),
        "PIP_INDEX_URL": "https://index/",
        "UV_DEFAULT_INDEX": "https://index/",
        "HTTPS_PROXY": "p",
    }
    own = {"PIP_CERT": "/own", "SSL_CERT_FILE": str(bundle), "UV_DEFAULT_INDEX": "u", "PIP_INDEX_URL": "p"}
    assert start.environment(own) == own


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """A package index of files."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()
            thread.join()


def test_pip_is_fetched_from_the_persons_index_and_checked(start: Any, tmp_path: Path) -> None:
    page = tmp_path / "served/simple/pip/index.html"
    page.parent.mkdir(parents=True)
    page.write_text(f'<a href="../../old/pip-1-py3-none-any.whl">1</a><a href="../../f/{start.PIP}#sha256=0">it</a>')
    (tmp_path / "served/f").mkdir()
    (tmp_path / "served/f" / start.PIP).write_bytes(b"the wheel")
    with index(tmp_path / "served") as address:
        with pytest.raises(ValueError, match="is not the pip that it should be"):
            start.fetch_pip(address, tmp_path)
        start.PIP_SHA256 = hashlib.sha256(b"the wheel").hexdigest()
        assert start.fetch_pip(address, tmp_path).read_bytes() == b"the wheel"
        start.PIP = "pip-99-py3-none-any.whl"
        with pytest.raises(ValueError, match="has no pip-99"):
            start.fetch_pip(address, tmp_path)


def test_what_cannot_be_installed_leaves_nothing_and_says_what_to_do(
    start: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    python = start.Python(str(program(tmp_path / "python3", "exit 1")), (3, 12, 1), "{}")
    with pytest.raises(SystemExit) as ended:
        start.installed(python, tmp_path / "state")
    assert ended.value.code == start.GIVEN_UP
    assert "python3-venv" in capsys.readouterr().out
    assert list((tmp_path / "state").iterdir()) == []


def test_the_kernel_is_the_images_python_with_ipykernel_last(start: Any, tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.12/site-packages"
    packages.mkdir(parents=True)
    start.prepare(start.Python("/usr/bin/python3", (3, 12), ""), tmp_path)
    spec = json.loads((tmp_path / "share/jupyter/kernels/python3/kernel.json").read_text())
    assert spec["argv"][:3] == ["/usr/bin/python3", str(FOLDER / "kernel.py"), str(packages)]
    assert spec["argv"][3:] == ["-f", "{connection_file}"]
