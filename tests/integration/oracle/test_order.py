"""The order of features on generated dependency graphs against the reference's `features resolve-dependencies` (C256-C284, C446).

CARREL_ORACLE_GRAPHS says how many graphs are made (500).
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.integration.oracle.graphs import Generator, Graph, Published
from tests.integration.oracle.reference import Question, Reference, reference
from tests.unit.devcontainer.repository import Repository

from carrel.core.problems import Problem
from carrel.devcontainer.features.resolve import Resolver, Wanted, as_json

GRAPHS = int(os.environ.get("CARREL_ORACLE_GRAPHS", "500"))
CHUNKS = 10


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    """Served over plain HTTP on `localhost`, the only name that the reference takes without TLS."""
    contents = Published("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            repository, _, tag = self.path.removeprefix("/v2/").partition("/manifests/")
            text = contents.manifests.get(repository, {}).get(tag)
            body = (text or '{"errors": []}').encode()
            self.send_response(200 if text else 404)
            self.send_header("Content-Type", "application/vnd.oci.image.manifest.v1+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    contents.host = f"localhost:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield contents
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def cli(reference_cli: tuple[str, ...]) -> Iterator[Reference]:
    with reference(reference_cli) as process:
        yield process


def theirs(graph: Graph, root: Path, cli: Reference) -> Any:
    """The install order; None when there is none."""
    for path, text in graph.files().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    answer = cli.ask(Question(["features", "resolve-dependencies", "--workspace-folder", str(root)], root))
    if answer.status:
        assert "No viable installation order" in answer.stderr, answer.stderr
        return None
    return json.loads(answer.stdout[answer.stdout.index('{\n  "installOrder"') :])["installOrder"]


def ours(graph: Graph, published: Published) -> Any:
    configuration = graph.configuration
    order = configuration.get("overrideFeatureInstallOrder", ())
    wanted = Wanted(configuration["features"], order, ".devcontainer/devcontainer.json")
    try:
        features = asyncio.run(Resolver(wanted, Repository(graph.files()), published).order())
    except Problem as problem:
        if "circle" not in problem.detail:
            raise
        return None
    return json.loads(as_json(features))["installOrder"]


@pytest.mark.conformance(
    "C256", "C257", "C258", "C263", "C264", "C265", "C266", "C267", "C268", "C269", "C270", "C271", "C274", "C277",
    "C279", "C284", "C446",
)  # fmt: skip
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_order_is_the_reference_s(chunk: int, published: Published, cli: Reference, tmp_path: Path) -> None:
    answers = []
    for seed in range(chunk, GRAPHS, CHUNKS):
        graph = Generator(seed, published).graph()
        wanted = theirs(graph, tmp_path / str(seed), cli)
        mine = ours(graph, published)
        assert mine == wanted, f"graph {seed}:\n{json.dumps(graph.files(), indent=1)}"
        answers.append(mine)
    assert any(answers), "some have an order"
    assert None in answers or GRAPHS < 100, "some are circles, and both refuse them"
