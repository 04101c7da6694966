"""One registry for all tests of this folder, filled by the reference CLI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.sources import features, later, templates, write
from tests.oci_registry import oci_registry
from tests.reference_cli import reference_answer

from carrel.devcontainer.registry import RegistryClient, RegistrySettings


@pytest.fixture(scope="session")
def registry() -> Iterator[str]:
    """`localhost:PORT`."""
    with oci_registry() as made:
        yield made.host


@dataclass(frozen=True)
class Filled:
    """A registry with the collections `public/features` and `public/templates`."""

    address: str
    answers: Mapping[str, Any]
    """What the reference said of each publication."""

    @property
    def features(self) -> str:
        """Place of the features."""
        return f"{self.address}/public/features"

    @property
    def templates(self) -> str:
        """Place of the templates."""
        return f"{self.address}/public/templates"


@pytest.fixture(scope="session")
def filled(registry: str, reference_cli: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Everything published by the reference CLI, the later versions after the first."""
    answers: dict[str, Any] = {}
    for kind, name, files in (
        ("features", "first", features(registry)),
        ("features", "later", later(registry)),
        ("templates", "templates", templates(registry)),
    ):
        source = write(files, tmp_path_factory.mktemp(name))
        words = [kind, "publish", "--registry", registry, "--namespace", f"public/{kind}", str(source)]
        answers[name] = reference_answer(words)
    return Filled(registry, answers)


@pytest.fixture
async def client() -> AsyncIterator[RegistryClient]:
    """Ours, without credentials."""
    async with RegistryClient(RegistrySettings(retry_seconds=0.0)) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty repository."""
    made = tmp_path / "repository"
    made.mkdir()
    return made
