"""Tiny images for tests, made once by `docker import`: no registry is needed."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

DOCKER = "/usr/bin/docker"
PREFIX = "carrel-test"
_PROGRAMS = (b"\x7fELF", b"#!")
_ETC = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\ndev:x:1000:1000:dev:/home/dev:/bin/sh\n",
    "etc/group": b"root:x:0:\ndev:x:1000:\n",
}


def busybox_image() -> str:
    """The name of an image that has busybox with its applets, users root and dev (1000), and nothing else."""
    return image("busybox", {})


def image(name: str, files: Mapping[str, bytes], changes: Sequence[str] = ()) -> str:
    """The name of an image with busybox and `files` (path without leading slash); made unless it is there.

    Args:
        name: `carrel-test/<name>:<hash of the content>` is the image.
        files: those under home/dev belong to the user dev.
        changes: Dockerfile instructions, such as `USER dev`.
    """
    archive = root_archive(files)
    digest = hashlib.sha256(archive + "\n".join(changes).encode()).hexdigest()[:12]
    tag = f"{PREFIX}/{name}:{digest}"
    if not run("images", "--quiet", tag).strip():
        options = [word for change in ("ENV PATH=/bin", 'CMD ["sh"]', *changes) for word in ("--change", change)]
        run("import", *options, "-", tag, stdin=archive)
    return tag


def root_archive(files: Mapping[str, bytes]) -> bytes:
    """A tar of a root file system: busybox, passwd, the usual empty folders, and `files`."""
    busybox = Path(shutil.which("busybox") or "/bin/busybox").read_bytes()
    applets = subprocess.run(["busybox", "--list"], capture_output=True, check=True, text=True).stdout.split()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in ("bin", "etc", "root", "tmp", "home", "home/dev", "var", "dev", "proc", "sys"):
            _add_folder(archive, folder)
        _add(archive, "bin/busybox", busybox, 0o755)
        for applet in applets:
            if applet != "busybox":
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(link)
        made: set[str] = set()
        for path, content in sorted((_ETC | dict(files)).items()):
            for parent in reversed(Path(path).parents[:-1]):
                if str(parent) not in made and str(parent).startswith("home/dev/"):
                    _add_folder(archive, str(parent))
                made.add(str(parent))
            _add(archive, path, content, 0o755 if content.startswith(_PROGRAMS) else 0o644)
    return buffer.getvalue()


def bare_image(name: str, files: Mapping[str, bytes], changes: Sequence[str] = ()) -> str:
    """The name of an image that has `files` and nothing else: no shell, no users."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in sorted(files.items()):
            _add(archive, path, content, 0o755 if content.startswith(_PROGRAMS) else 0o644)
    digest = hashlib.sha256(buffer.getvalue() + "\n".join(changes).encode()).hexdigest()[:12]
    tag = f"{PREFIX}/{name}:{digest}"
    if not run("images", "--quiet", tag).strip():
        options = [word for change in changes for word in ("--change", change)]
        run("import", *options, "-", tag, stdin=buffer.getvalue())
    return tag


def of_architecture(reference: str, architecture: str) -> str:
    """The name of an image that says it is for another architecture, with the content of `reference`."""
    saved = subprocess.run([DOCKER, "save", reference], capture_output=True, check=True).stdout
    tag = f"{PREFIX}/{architecture}:{reference.rpartition(':')[2]}"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(saved)) as given, tarfile.open(fileobj=buffer, mode="w") as made:
        files = {member.name: _content(given, member) for member in given if member.isfile()}
        manifest = json.loads(files.pop("manifest.json"))[0]
        config = json.dumps(json.loads(files.pop(manifest["Config"])) | {"architecture": architecture}).encode()
        manifest |= {"Config": f"{hashlib.sha256(config).hexdigest()}.json", "RepoTags": [tag]}
        wanted = {name: files[name] for name in manifest["Layers"]}
        for name, content in {
            manifest["Config"]: config,
            "manifest.json": json.dumps([manifest]).encode(),
            **wanted,
        }.items():
            _add(made, name, content, 0o644)
    run("load", stdin=buffer.getvalue())
    return tag


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = archive.extractfile(member)
    return opened.read() if opened else b""


def compiled(source: str, *words: str) -> bytes:
    """A program: `source` in C, by the compiler and options in `words` (`musl-gcc`, or `gcc -static`)."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        command = [*words, "-x", "c", "-Os", "-s", "-o", str(program), "-"]
        subprocess.run(command, input=source.encode(), check=True, capture_output=True)
        return program.read_bytes()


def _owner(path: str) -> int:
    return 1000 if path.startswith("home/dev") else 0


def _add_folder(archive: tarfile.TarFile, path: str) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.uid, member.gid = tarfile.DIRTYPE, 0o755, _owner(path), _owner(path)
    archive.addfile(member)


def _add(archive: tarfile.TarFile, path: str, content: bytes, mode: int) -> None:
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.uid, member.gid = len(content), mode, _owner(path), _owner(path)
    archive.addfile(member, io.BytesIO(content))


def run(*words: str, stdin: bytes | None = None) -> str:
    """The output of the docker CLI."""
    done = subprocess.run([DOCKER, *words], input=stdin, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"docker {' '.join(words)}: {done.stderr.decode()}")
    return done.stdout.decode()
