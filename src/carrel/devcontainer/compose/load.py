"""Reading a Compose project from the repository: `.env`, files, `include`, `extends`, env files. The only async step."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.compose.canonical import BadShapeError, canonical_file
from carrel.devcontainer.compose.document import Document, Override, Path, Reset, mapped, parse
from carrel.devcontainer.compose.dotenv import parse_env
from carrel.devcontainer.compose.interpolation import BadTemplateError, interpolate
from carrel.devcontainer.compose.keys import check_keys
from carrel.devcontainer.compose.merging import merge, plain
from carrel.devcontainer.compose.naming import DEFAULT_FILES, listed_files, project_name
from carrel.devcontainer.compose.project import Project, Service
from carrel.devcontainer.inputs import ProjectFiles
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.volumes import inner_path
from carrel.devcontainer.workspace_folder import Place

_MAX_BYTES = 2**20
_MAX_INTERPOLATED = 8 << 20
_MAX_DEPTH = 20
_NAME = re.compile(r"[A-Za-z0-9._-]{1,128}")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]+:/|git@|oci:", re.IGNORECASE)
"""In a path that was joined and made normal: an address of another machine."""
_SECTIONS = ("services", "volumes", "networks", "secrets", "configs")


@dataclass
class _Model:
    """What files say so far."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[Path, str] = field(default_factory=dict)
    """Path of a section, entry or key -> `file:line`."""


async def load(written: Sequence[str], files: ProjectFiles, place: Place, environment: Mapping[str, str]) -> Project:
    """The project that `dockerComposeFile` names.

    Args:
        written: paths relative to the repository's root; empty: the default files (C178).
        files: the repository.
        place: where its folders are.
        environment: the workspace's own map; it wins over `.env`.

    Raises:
        Problem: `bad_configuration` with file and line; `refused_by_policy`, a file is outside the repository.
    """
    loader = _Loader(files, place, dict(environment))
    await loader.read_env(place.local_folder)
    paths = [posixpath.join(place.root, one) for one in written] or await loader.default_files()
    folder = posixpath.dirname(paths[0])
    await loader.read_env(folder)
    name = await loader.name(paths)
    loader.environment["COMPOSE_PROJECT_NAME"] = name
    model = await loader.project(paths, folder)
    values = plain(model.values)
    services = {key: await loader.service(key, one or {}, model) for key, one in (values.get("services") or {}).items()}
    return Project(
        name=name,
        files=tuple(loader.inner(path) for path in paths),
        folder=folder,
        services=services,
        **{section: values.get(section) or {} for section in _SECTIONS[1:]},
        environment=loader.environment,
        notices=tuple(dict.fromkeys([*loader.notices, *check_keys(values)])),
    )


class _Loader:
    """Reads files once, with one environment."""

    def __init__(self, files: ProjectFiles, place: Place, environment: dict[str, str]) -> None:
        self._files = files
        self._place = place
        self._documents: dict[str, Document] = {}
        self.environment = environment
        self.notices: list[Notice] = []

    def inner(self, path: str, wanted_by: Problem | None = None) -> str:
        """An absolute path relative to the repository.

        Raises:
            Problem: `refused_by_policy`, with the place of `wanted_by`.
        """
        inner = inner_path(path, self._place)
        if inner is None or _REMOTE.search(path):
            detail = wanted_by.detail if wanted_by else f"The file {path[:300]!r} is outside the repository."
            extra = {**(wanted_by.extra if wanted_by else {}), "property": "composeFile"}
            raise Problem("refused_by_policy", detail, "Move the file into the repository.", extra)
        return inner

    async def read_env(self, folder: str) -> None:
        """The `.env` of a folder; what is known already wins (C179)."""
        path = posixpath.join(folder, ".env")
        content = await self._files.read(self.inner(path))
        if content is None:
            return
        found = {name: value for name, value in self._env(content, path, {}).items() if value is not None}
        self.environment = {**found, **self.environment}

    def _env(self, content: bytes, path: str, entry: Mapping[str, Any]) -> dict[str, str | None]:
        try:
            return parse_env(
                content.decode(errors="replace"), self.environment, self.inner(path), raw=entry.get("format") == "raw"
            )
        except ValueError as error:
            raise Problem("bad_configuration", str(error), extra={"file": self.inner(path)}) from error

    async def default_files(self) -> list[str]:
        """`COMPOSE_FILE`, else compose.yaml or docker-compose.yml with their override beside them (C178)."""
        folder = self._place.local_folder
        if listed := listed_files(self.environment):
            return [posixpath.normpath(posixpath.join(folder, one)) for one in listed]
        for name in DEFAULT_FILES:
            path = posixpath.join(folder, name)
            if await self._files.read(self.inner(path)) is not None:
                stem = name.partition(".")[0]
                overrides = [posixpath.join(folder, f"{stem}.override.{end}") for end in ("yml", "yaml")]
                there = [one for one in overrides if await self._files.read(self.inner(one)) is not None]
                return [path, *there[:1]]
        raise Problem(
            "bad_configuration", f"dockerComposeFile is empty, and there is none of {', '.join(DEFAULT_FILES)}."
        )

    async def name(self, paths: Sequence[str]) -> str:
        """The project's name; `name` may itself have variables."""
        written = ""
        for path in paths:
            document = await self._document(path)
            if isinstance(document.value.get("name"), str):
                written = self._interpolated(document, {"name": document.value["name"]}, self.environment)["name"]
        folder = posixpath.basename(self._place.local_folder)
        return project_name(self.environment, written, self.inner(paths[0]), folder)

    async def _document(self, path: str) -> Document:
        if path not in self._documents:
            inner = self.inner(path)
            content = await self._files.read(inner)
            if content is None:
                raise Problem("bad_configuration", f"The Compose file {inner} does not exist.", extra={"file": inner})
            if len(content) > _MAX_BYTES:
                raise Problem("bad_configuration", f"{inner} is larger than {_MAX_BYTES} bytes.", extra={"file": inner})
            document = parse(content, inner)
            _check_sections(document)
            self._documents[path] = document
        return self._documents[path]

    def _interpolated(self, document: Document, values: Any, environment: Mapping[str, str]) -> Any:
        def missing(name: str) -> None:
            self.notices.append(
                warning(f"${{{name}}}", "the variable is not set; an empty text takes its place", document.name)
            )

        length = 0

        def change(text: str, path: Path) -> str:
            nonlocal length
            try:
                value = interpolate(text, environment, missing)
            except BadTemplateError as error:
                raise document.problem(path, f"{error}.") from error
            length += len(value)
            if length > _MAX_INTERPOLATED:
                raise document.problem(path, f"the values are longer than {_MAX_INTERPOLATED} characters together.")
            return value

        return mapped(values, change)

    async def project(self, paths: Sequence[str], folder: str, depth: int = 0) -> _Model:
        """Several files of one project, merged in order (C177)."""
        model = _Model()
        for path in paths:
            one = await self._file(path, folder, depth)
            model.values = merge(model.values, one.values)
            model.places |= one.places
        return model

    async def _file(self, path: str, folder: str, depth: int) -> _Model:
        document = await self._document(path)
        values = self._canonical(document, folder)
        names = list(values.get("services") or {})
        for name in names:
            values["services"][name] = await self._extended(name, values, (path, folder), ())
        places = {where: document.place(where) for where in document.lines if len(where) <= 3}
        own = _Model(values, places)
        for entry in values.pop("include", None) or []:
            await self._include(own, entry, (document, folder), depth)
        return own

    def _canonical(self, document: Document, folder: str) -> dict[str, Any]:
        values = self._interpolated(document, document.value, self.environment)
        try:
            return canonical_file(values, folder)
        except BadShapeError as error:
            where = tuple(error.key.split(".", 2))
            raise document.problem(where, f"{error}.") from error

    async def _include(self, model: _Model, entry: Any, origin: tuple[Document, str], depth: int) -> None:
        """Another project whose services are taken over; a name that both have is an error."""
        document, folder = origin
        if depth >= _MAX_DEPTH:
            raise document.problem(("include",), "files include each other in a circle.")
        entry = entry if isinstance(entry, dict) else {"path": entry}
        outside = document.problem(("include",), f"{str(entry.get('path'))[:300]} is outside the repository.")
        written = entry.get("path")
        paths = [
            posixpath.normpath(posixpath.join(folder, str(one)))
            for one in (written if isinstance(written, list) else [written])
        ]
        if not paths:
            raise document.problem(("include",), "names no file.")
        for path in paths:
            self.inner(path, outside)
        own_folder = posixpath.dirname(paths[0])
        if entry.get("project_directory"):
            own_folder = posixpath.normpath(posixpath.join(folder, str(entry["project_directory"])))
            self.inner(own_folder, outside)
        inner = _Loader(self._files, self._place, dict(self.environment))
        env_files = entry.get("env_file") or []
        for path in env_files if isinstance(env_files, list) else [env_files]:
            full = posixpath.normpath(posixpath.join(folder, str(path)))
            content = await self._files.read(self.inner(full, outside))
            if content is None:
                raise document.problem(("include",), f"the file {path!r} does not exist.")
            found = inner._env(content, full, {})
            inner.environment = {**{k: v for k, v in found.items() if v is not None}, **inner.environment}
        if not env_files:
            await inner.read_env(own_folder)
        included = await inner.project(paths, own_folder, depth + 1)
        self.notices += inner.notices
        for section in _SECTIONS:
            mine, theirs = model.values.get(section) or {}, included.values.get(section) or {}
            for name in theirs:
                if name in mine and plain(mine[name]) != plain(theirs[name]):
                    raise document.problem(
                        ("include",), f"{section}.{name} is in {', '.join(map(self.inner, paths))} as well."
                    )
            if theirs:
                model.values[section] = {**theirs, **mine}
        model.places = {**included.places, **model.places}

    async def _extended(
        self, name: str, values: Mapping[str, Any], origin: tuple[str, str], seen: tuple[Any, ...]
    ) -> Any:
        """A service with what it extends below it."""
        path, folder = origin
        service = (values.get("services") or {}).get(name)
        extends = service.get("extends") if isinstance(service, dict) else None
        if not extends or not isinstance(service, dict):
            return service
        document = await self._document(path)
        where = ("services", name, "extends")
        wanted = {"service": extends} if isinstance(extends, str) else extends
        if not isinstance(wanted, dict) or not isinstance(wanted.get("service"), str):
            raise document.problem(where, "needs the name of a service.")
        base_path, base_folder, base_values = path, folder, values
        if wanted.get("file"):
            base_path = posixpath.normpath(posixpath.join(folder, str(wanted["file"])))
            self.inner(base_path, document.problem(where, f"{wanted['file']} is outside the repository."))
            base_folder = posixpath.dirname(base_path)
            base_values = self._canonical(await self._document(base_path), base_folder)
        key = (base_path, wanted["service"])
        if key in seen or key == (path, name):
            raise document.problem(where, "services extend each other in a circle.")
        if wanted["service"] not in (base_values.get("services") or {}):
            raise document.problem(where, f"{self.inner(base_path)} has no service {wanted['service']!r}.")
        base = await self._extended(
            wanted["service"], base_values, (base_path, base_folder), (*seen, key, (path, name))
        )
        own = {key: value for key, value in service.items() if key != "extends"}
        merged = merge(base or {}, own, ("services", name))
        return {key: value for key, value in merged.items() if key != "extends"}

    async def service(self, name: str, values: Mapping[str, Any], model: _Model) -> Service:
        """A service with its environment resolved: env files in order, then `environment`."""
        places = {str(where[2]) if len(where) == 3 else "": text
                  for where, text in model.places.items() if where[:2] == ("services", name)}  # fmt: skip
        service = Service(name, values, {}, places)
        if not values.get("image") and not values.get("build"):
            raise service.problem("image", "a service needs `image` or `build`")
        image = service.text("image")
        if image.startswith("-") or any(char.isspace() for char in image):
            raise service.problem("image", f"{image!r} is no image")
        found: dict[str, str | None] = {}
        for entry in service.list("env_file"):
            outside = service.problem("env_file", f"{entry['path']} is outside the repository")
            content = await self._files.read(self.inner(entry["path"], outside))
            if content is not None:
                found |= self._env(content, entry["path"], entry)
            elif entry.get("required") not in {False, "false"}:
                inner = self.inner(entry["path"])
                text = f"{inner} does not exist and is read as empty; Compose would refuse (initializeCommand may make it elsewhere)"
                self.notices.append(warning("env_file", text, f"service {name}"))
        found |= service.mapping("environment")
        known = {key: self.environment.get(key) if value is None else value for key, value in found.items()}
        return Service(name, values, {key: value for key, value in known.items() if value is not None}, places)


def _check_sections(document: Document) -> None:
    for section in _SECTIONS:
        entries = document.value.get(section)
        if entries is None:
            continue
        if not isinstance(entries, dict):
            raise document.problem((section,), "must be a mapping.")
        for name, entry in entries.items():
            if not _NAME.fullmatch(name):
                raise document.problem((section, name), "a name has letters, digits, `.`, `_` and `-` only.")
            if section == "services" and not isinstance(entry, (dict, Override, Reset, NoneType)):
                raise document.problem((section, name), "must be a mapping.")
    if document.value.get("include") is not None and not isinstance(document.value["include"], list):
        raise document.problem(("include",), "must be a list.")
