"""The `carrel` command alone as a wheel: what `carrel/workspace-base` has of Carrel, without a server."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

import carrel
from carrel import __version__

SERVER_SIDE = frozenset(
    (
        "agent",
        "apart",
        "gateway",
        "links",
        "proxy",
        "runtimes",
        "server",
        "ssh",
        "standalone",
        "_toolbox",
        "_images",
        "_web",
    )
)
"""What the command line does without; tests/unit/server/reconcile/test_client_wheel.py holds it to that."""
REQUIRES = (
    "cryptography>=45",
    "httpx>=0.28",
    "platformdirs>=4.3",
    "pydantic>=2.11",
    "pyyaml>=6.0.2",
    "regex>=2025.7",
    "rich>=14",
    "typer>=0.16",
    "websockets>=15",
)
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The same content gives the same bytes."""


@cache
def client_wheel() -> dict[str, bytes]:
    """The wheel's file name, and its content."""
    version = __version__.partition("+")[0]
    info = f"carrel-{version}.dist-info"
    package = Path(carrel.__file__).parent
    packages = [one for one in package.iterdir() if one.is_dir() and one.name not in SERVER_SIDE]
    paths = [
        package / "__init__.py",
        package / "py.typed",
        *(path for one in packages for path in one.rglob("*") if _is_source(path)),
    ]
    files = {f"carrel/{path.relative_to(package).as_posix()}": path.read_bytes() for path in sorted(paths)}
    requires = "".join(f"Requires-Dist: {one}\n" for one in REQUIRES)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: carrel\nVersion: {version}\n{requires}".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: carrel\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ncarrel = carrel.cli.main:main\n"
    record = "".join(f"{name},sha256={_digest(content)},{len(content)}\n" for name, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, _MOMENT)
            member.external_attr, member.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return {f"carrel-{version}-py3-none-any.whl": buffer.getvalue()}


def _is_source(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
