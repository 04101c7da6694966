"""A token server for a registry: the distribution project's bearer tokens, signed with a key of its own.

Source: distribution.github.io "Token authentication specification". Who has the password may do everything; everybody
may pull what lies below `public/`.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from tests.oci_registry import PASSWORD, USER

_ISSUER, _SERVICE = "carrel-tests", "registry"
REFRESH_TOKEN = "refresh-me"


class TokenServer:
    """The key, the address, and what was asked."""

    def __init__(self, folder: Path, port: int) -> None:
        """The registry reads the certificate from `folder`."""
        self.address = f"localhost:{port}"
        self.requests: list[tuple[str, dict[str, str], str]] = []
        """Method, fields, and who asked; empty for anonymous."""
        self._key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _ISSUER)])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(name, name, self._key.public_key(), x509.random_serial_number())
        certificate = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        self._certificate = certificate.sign(self._key, hashes.SHA256())
        self._bundle = folder / "token.pem"
        self._bundle.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    @property
    def settings(self) -> dict[str, str]:
        """What the registry has to know of it."""
        return {
            "realm": f"http://{self.address}/token",
            "service": _SERVICE,
            "issuer": _ISSUER,
            "rootcertbundle": str(self._bundle),
        }

    def token(self, scope: str, user: str) -> str:
        """A token for `repository:<name>:<actions>`."""
        access = []
        for one in scope.split():
            kind, name, actions = one.rsplit(":", 2) if one.count(":") > 2 else one.split(":")
            wanted = actions.split(",")
            allowed = wanted if user else [one for one in wanted if one == "pull" and name.startswith("public/")]
            access.append({"type": kind, "name": name, "actions": allowed})
        now = int(time.time())
        certificate = base64.b64encode(self._certificate.public_bytes(serialization.Encoding.DER)).decode()
        head = {"typ": "JWT", "alg": "RS256", "x5c": [certificate]}
        claims: dict[str, Any] = {"iss": _ISSUER, "sub": user, "aud": _SERVICE, "exp": now + 300, "nbf": now - 60}
        claims |= {"iat": now, "jti": str(time.monotonic_ns()), "access": access}
        signed = b".".join(_part(json.dumps(part).encode()) for part in (head, claims))
        signature = self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        return (signed + b"." + _part(signature)).decode()


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@contextmanager
def token_server(folder: Path) -> Iterator[TokenServer]:
    """Serve tokens at `http://<address>/token`, by GET and for refresh tokens by POST."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}, "")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {key: values[0] for key, values in parse_qs(body).items()}
            user = USER if fields.get("refresh_token") == REFRESH_TOKEN else "-"
            self._answer(fields, user)

        def _answer(self, fields: dict[str, str], user: str) -> None:
            written = self.headers.get("Authorization", "").removeprefix("Basic ")
            if written:
                user = USER if base64.b64decode(written).decode() == f"{USER}:{PASSWORD}" else "-"
            server.requests.append((self.command, fields, user))
            body = json.dumps({"token": "" if user == "-" else server.token(fields.get("scope", ""), user)}).encode()
            self.send_response(401 if user == "-" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = TokenServer(folder, http.server_port)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
