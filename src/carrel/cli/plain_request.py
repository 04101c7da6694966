"""One request to the server without httpx: for the commands that are typed all day. Standard library only."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from carrel.cli.server_address import ServerAddress

TIMEOUT_SECONDS = 20.0


def ask(server: ServerAddress, method: str, path: str) -> tuple[int, bytes]:
    """Status and body of the answer. Raises OSError: there is none."""
    import http.client  # noqa: PLC0415  only where something is asked

    parts = urlsplit(server.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, headers={"Authorization": f"Bearer {server.token}"})
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise OSError(f"{server.url} does not answer as a Carrel server does: {error}") from error
    finally:
        connection.close()


def document_of(body: bytes, status: int) -> dict[str, Any]:
    """The problem document in a refusal."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if isinstance(document, dict) and "title" in document:
        return document
    shown = body.decode(errors="replace").strip()[:300]
    return {"title": f"The server refused the session (status {status})", "detail": shown}
