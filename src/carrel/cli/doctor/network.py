"""The network: whether a registry can be reached from here."""

from __future__ import annotations

import socket
import ssl
import urllib.error
import urllib.request

from carrel.cli.doctor.check import Check, ok, warn

REGISTRIES = ("mcr.microsoft.com", "registry-1.docker.io")
TIMEOUT_SECONDS = 4.0


def check_registry(host: str) -> Check:
    """Whether a registry answers. 401 is an answer: it asks who we are."""
    name = "Registry"
    try:
        with urllib.request.urlopen(f"https://{host}/v2/", timeout=TIMEOUT_SECONDS):
            return ok(name, f"{host} answers")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in {401, 404}:
            return ok(name, f"{host} answers")
        return warn(name, f"{host}: status {error.code}", _HINT)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            hint = "Name your organisation's certificates: SSL_CERT_FILE, or the setting ca_bundle."
            return warn(name, f"{host}: its certificate is not trusted", hint)
        return warn(name, f"{host} cannot be reached: {_words(error.reason)}", _HINT)
    except OSError as error:
        return warn(name, f"{host} cannot be reached: {_words(error)}", _HINT)


_HINT = "Images that are on this machine work; for others set HTTPS_PROXY, or `registry_mirrors` in the settings."


def _words(reason: object) -> str:
    if isinstance(reason, socket.gaierror):
        return "its name is not known"
    if isinstance(reason, TimeoutError):
        return "no answer"
    return getattr(reason, "strerror", None) or str(reason)
