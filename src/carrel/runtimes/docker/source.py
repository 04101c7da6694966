"""Fetches a source into the project volume, in a throw-away container that outlives this process."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.sources import git_source, host_of, is_this_machine
from carrel.core.spec import PROJECT_VOLUME, FolderSource, GitSource, VolumeSpec
from carrel.runtimes.contract import FilePlacement, Log, SourceJob, SourceResult
from carrel.runtimes.docker.helpers import Helper, volume_mount
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.jobs import Jobs, python_command
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.volumes import Volumes
from carrel.runtimes.git_ref import ref_candidates


class Sources:
    """Fetches sources."""

    def __init__(self, maker: Maker, volumes: Volumes, images: Images, jobs: Jobs) -> None:
        """Fetch with `jobs`."""
        self._maker = maker
        self._volumes = volumes
        self._images = images
        self._jobs = jobs

    async def fetch(self, job: SourceJob, log: Log) -> SourceResult:
        """See Runtime.fetch_source; folders are looked at by `look_at_folder`."""
        if not isinstance(job.source, GitSource):
            return SourceResult()
        source = git_source(job.source.url, job.source.ref, self._maker.settings.source_protocols)
        network = self._network(source.url)
        await self._volumes.need(job.ref, [VolumeSpec(PROJECT_VOLUME)])
        await self._volumes.need_toolbox(job.toolbox)
        helper = Helper(
            ref=job.ref,
            kind="source",
            image=await self._images.scratch(),
            mounts=(volume_mount(self._maker.names.volume(job.ref, PROJECT_VOLUME), "/source"),),
            command=python_command("fetch"),
            network=network,
            toolbox=job.toolbox,
            job=hashlib.sha256(f"{job.source.url}\0{job.source.ref}\0{job.toolbox}".encode()).hexdigest()[:16],
            env=self._maker.proxies(),
            capabilities=("DAC_OVERRIDE",),  # an interrupted clone may have left files of other owners
        )
        told = await self._jobs.run(helper, self._order(job, source), log)
        return SourceResult(str(told["commit"]), str(told["branch"]))

    async def place(self, job: SourceJob, files: Sequence[FilePlacement]) -> Sequence[str]:
        """See Runtime.place_source_files."""
        await self._volumes.need(job.ref, [VolumeSpec(PROJECT_VOLUME)])
        await self._volumes.need_toolbox(job.toolbox)
        order = {"root": "/source", "files": [file.described() for file in files]}
        told = json.dumps(order, sort_keys=True)
        helper = Helper(
            ref=job.ref,
            kind="placing",
            image=await self._images.scratch(),
            mounts=(volume_mount(self._maker.names.volume(job.ref, PROJECT_VOLUME), "/source"),),
            command=python_command("placing"),
            toolbox=job.toolbox,
            job=hashlib.sha256(f"{told}\0{job.toolbox}".encode()).hexdigest()[:16],
            capabilities=("CHOWN", "DAC_OVERRIDE", "FOWNER"),
        )
        answer = await self._jobs.run(helper, order, _silent)
        return [str(path) for path in answer["kept"]]

    def _network(self, url: str) -> str:
        """The engine's default bridge; for this machine's loopback, where the settings allow it, the host's network."""
        if not is_this_machine(url):
            return "bridge"
        if not self._maker.settings.loopback_sources:
            hint = "Give an address that the engine's containers can reach."
            raise Problem("bad_source", f"{host_of(url)} is the server itself.", hint=hint)
        return "host"

    def _order(self, job: SourceJob, source: GitSource) -> Mapping[str, Any]:
        """What inside/fetch.py is told; credentials go this way and no other."""
        settings = self._maker.settings
        return {
            "url": source.url,
            "ref": source.ref,
            "candidates": [{"ref": c.remote_ref, "kind": c.kind, "local": c.local} for c in ref_candidates(source.ref)],
            "protocols": sorted(settings.source_protocols),
            "host": urlsplit(source.url).netloc.rpartition("@")[2],
            "username": job.username or "git",
            "password": job.token.reveal() if job.token else "",
            "ca": base64.b64encode(settings.ca_bundle).decode() if settings.ca_bundle else "",
        }


def _silent(_line: str) -> None:
    """It says nothing but what went wrong, and that is its answer."""


async def look_at_folder(source: FolderSource, shares_files: str) -> SourceResult:
    """A local folder is mounted, not fetched. Raises `folder_not_shared`."""
    if not shares_files:
        detail = "The engine does not see this machine's files, or the server is not in local mode."
        raise Problem("folder_not_shared", detail)
    if not await asyncio.to_thread(Path(source.path).is_dir):
        raise Problem("folder_not_shared", f"There is no folder {source.path[:200]!r}.")
    return SourceResult()
