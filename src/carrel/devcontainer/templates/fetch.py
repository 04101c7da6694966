"""Templates from registries: their metadata, their files, and the collections that list them (C430, C302)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import Manifest, check_type, layer_of
from carrel.devcontainer.features.archive import unpack_files
from carrel.devcontainer.features.reference import FeatureReference, parse_reference
from carrel.devcontainer.templates.record import Template, template_from, template_problem


class TemplateRegistry(Protocol):
    """The part of `RegistryClient` that templates need."""

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest of a reference."""

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """A blob of the reference's repository, its digest verified."""

    async def collection(self, reference: FeatureReference) -> dict[str, Any]:
        """devcontainer-collection.json of a namespace."""


@dataclass(frozen=True)
class TemplateSummary:
    """A template as its collection lists it."""

    reference: str
    """To fetch it by: `<registry>/<namespace>/<id>:<version>`."""
    id: str
    version: str
    title: str
    description: str
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """All that the collection says of it."""


async def list_templates(collection: str, registry: TemplateRegistry) -> tuple[TemplateSummary, ...]:
    """The templates of a collection, in its order.

    Args:
        collection: `<registry>/<namespace>`, as in `ghcr.io/devcontainers/templates`.
        registry: an open `RegistryClient`.

    Raises:
        Problem: `template_failed`, `registry_denied`, `registry_unreachable`, `refused_by_policy`.
    """
    async with _about(collection):
        reference = parse_template_reference(collection)
        document = await registry.collection(reference)
    entries = document.get("templates")
    if not isinstance(entries, list):
        raise template_problem(collection, "it lists no templates", "It may be a collection of features.")
    return tuple(
        _summary(one, reference) for one in entries if isinstance(one, Mapping) and isinstance(one.get("id"), str)
    )


async def template_metadata(written: str, registry: TemplateRegistry) -> dict[str, Any]:
    """devcontainer-template.json without its files, as the reference's `templates metadata` prints it. Raises as `fetch_template`."""
    async with _about(written):
        reference = parse_template_reference(written)
        manifest = await registry.manifest(reference)
        check_type(manifest, reference, "template")
    if manifest.metadata:
        try:
            value = json.loads(manifest.metadata)
        except ValueError as error:
            raise template_problem(written, "its metadata is not JSON") from error
        if isinstance(value, dict):
            return value
    return dict((await fetch_template(written, registry)).metadata)


async def fetch_template(written: str, registry: TemplateRegistry) -> Template:
    """A template with its files.

    Args:
        written: `<registry>/<namespace>/<id>[:tag]` or `...@sha256:...`.
        registry: an open `RegistryClient`.

    Raises:
        Problem: `template_failed` (absent, no template, an archive that is refused), `registry_denied`,
            `registry_unreachable`, `refused_by_policy`.
    """
    async with _about(written):
        reference = parse_template_reference(written)
        manifest = await registry.manifest(reference)
        check_type(manifest, reference, "template")
        files = unpack_files(await registry.blob(reference, layer_of(manifest, reference)), written)
    return template_from(files, written, manifest.digest)


def parse_template_reference(written: str) -> FeatureReference:
    """A reference to a template or a collection in a registry; raises `template_failed` for anything else."""
    if "/" not in written or written.startswith((".", "/")) or "://" in written:
        raise template_problem(
            written, "it names no registry", "Write it as in ghcr.io/devcontainers/templates/python:1."
        )
    try:
        return parse_reference(written)
    except Problem as problem:
        detail = problem.detail.replace("The feature", "The template")
        raise Problem("template_failed", detail, hint=problem.hint, extra={"template": written}) from problem


def _summary(entry: Mapping[str, Any], collection: FeatureReference) -> TemplateSummary:
    version = str(entry.get("version") or "latest")
    options = entry.get("options")
    return TemplateSummary(
        f"{collection.resource}/{entry['id']}:{version}",
        str(entry["id"]),
        version,
        str(entry.get("name") or entry["id"]),
        str(entry.get("description") or ""),
        options if isinstance(options, Mapping) else {},
        entry,
    )


@asynccontextmanager
async def _about(name: str) -> AsyncIterator[None]:
    """What the registry's client says of features is said of the template."""
    try:
        yield
    except Problem as problem:
        extra = {**problem.extra, "template": name}
        extra.pop("feature", None)
        kind = "template_failed" if problem.kind == "feature_failed" else problem.kind
        raise Problem(kind, problem.detail, hint=problem.hint, extra=extra) from problem
