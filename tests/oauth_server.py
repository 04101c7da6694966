"""An authorization server with a device flow, after the words of RFC 8628 (and RFC 6749 section 6, RFC 8414), over HTTP.

Written from the RFC and not from the client: it is what the client is held against. Its clock is moved by the test.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
INTERVAL, CODE_LIFE, TOKEN_LIFE = 5, 900, 7200


@dataclass
class Device:
    """A device that asked (section 3.2)."""

    user_code: str
    expires_at: float
    interval: int
    asked_at: float | None = None
    decision: str = ""


@dataclass
class AuthorizationServer:
    """Its clients, codes and tokens, and a person's decisions."""

    client_id: str = "carrel-client"
    now: float = 0.0
    address: str = ""
    devices: dict[str, Device] = field(default_factory=dict)
    refresh_tokens: set[str] = field(default_factory=set)
    issued: list[str] = field(default_factory=list)
    """All tokens, of both kinds: none of them may leak."""
    paths: list[str] = field(default_factory=list)
    is_broken: bool = False
    interval: int = INTERVAL
    decision: str = ""
    """Of a person who is quicker than every program: for all codes from the beginning."""

    def decide(self, user_code: str, decision: str) -> None:
        """The person types the code and approves or denies (section 3.3)."""
        [device] = [one for one in self.devices.values() if one.user_code == user_code]
        device.decision = decision

    # --- endpoints -------------------------------------------------------------------------------------------------

    def metadata(self) -> tuple[int, dict[str, Any]]:
        """RFC 8414, section 3.2."""
        return 200, {
            "issuer": self.address,
            "device_authorization_endpoint": f"{self.address}/device",
            "token_endpoint": f"{self.address}/token",
        }

    def device_authorization(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Section 3.1 and 3.2."""
        if form.get("client_id") != self.client_id:
            return 401, {"error": "invalid_client"}
        code, user_code = secrets.token_urlsafe(24), secrets.token_hex(4).upper()
        self.devices[code] = Device(user_code, self.now + CODE_LIFE, self.interval, decision=self.decision)
        return 200, {
            "device_code": code,
            "user_code": user_code,
            "verification_uri": f"{self.address}/type-it",
            "verification_uri_complete": f"{self.address}/type-it?user_code={user_code}",
            "expires_in": CODE_LIFE,
            "interval": self.interval,
        }

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Section 3.4 and 3.5; RFC 6749, section 6."""
        if form.get("client_id") != self.client_id:
            return 401, {"error": "invalid_client"}
        match form.get("grant_type"):
            case "refresh_token":
                if form.get("refresh_token") not in self.refresh_tokens:
                    return 400, {"error": "invalid_grant"}
                self.refresh_tokens.remove(form["refresh_token"])
                return self._tokens()
            case grant if grant == DEVICE_GRANT:
                return self._of_device(form.get("device_code", ""))
        return 400, {"error": "unsupported_grant_type"}

    def _of_device(self, code: str) -> tuple[int, dict[str, Any]]:
        device = self.devices.get(code)
        if device is None:
            return 400, {"error": "invalid_grant"}
        if self.now >= device.expires_at:
            return 400, {"error": "expired_token"}
        if device.asked_at is not None and self.now - device.asked_at < device.interval:
            device.interval += 5
            return 400, {"error": "slow_down"}
        device.asked_at = self.now
        if device.decision == "deny":
            return 400, {"error": "access_denied"}
        if device.decision != "approve":
            return 400, {"error": "authorization_pending"}
        del self.devices[code]
        return self._tokens()

    def _tokens(self) -> tuple[int, dict[str, Any]]:
        access, refresh = f"at_{secrets.token_urlsafe(24)}", f"rt_{secrets.token_urlsafe(24)}"
        self.refresh_tokens.add(refresh)
        self.issued += [access, refresh]
        return 200, {
            "access_token": access,
            "token_type": "bearer",
            "refresh_token": refresh,
            "expires_in": TOKEN_LIFE,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: AuthorizationServer

    def do_GET(self) -> None:
        """Metadata."""
        is_metadata = self.path == "/.well-known/oauth-authorization-server"
        self._answer(*(self.server_of.metadata() if is_metadata else (404, {"error": "not_found"})))

    def do_POST(self) -> None:
        """A form."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        self.server_of.paths.append(self.path)
        # The endpoints' own names, GitHub's, and GitLab's.
        if self.path in {"/device", "/login/device/code", "/oauth/authorize_device"}:
            self._answer(*self.server_of.device_authorization(form))
        elif self.path in {"/token", "/login/oauth/access_token", "/oauth/token"}:
            status, document = self.server_of.token(form)
            # GitHub tells errors with the status 200.
            self._answer(200 if self.path == "/login/oauth/access_token" else status, document)
        else:
            self._answer(404, {"error": "not_found"})

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = b"<html>502</html>" if self.server_of.is_broken else json.dumps(document).encode()
        self.send_response(502 if self.server_of.is_broken else status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the standard library's name
        """Say nothing."""


@contextmanager
def authorization_server() -> Iterator[AuthorizationServer]:
    """Serve on loopback."""
    found = AuthorizationServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of": found}))
    found.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
