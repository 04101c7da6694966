"""The server's own log: structured lines on stderr, with secrets taken out."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

from carrel.server.settings import Settings

STARS = "***"
_TOKENS = re.compile(r"carrel_[a-z]+_[A-Za-z0-9_-]{20,}")
_IN_URLS = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^/\s@]+(?=@)", re.IGNORECASE)
_SECRET_KEYS = frozenset({"token", "password", "secret", "authorization", "cookie", "code"})
NOISY = ("asyncssh", "aiosqlite", "sqlalchemy", "alembic", "uvicorn.access", "httpx", "httpcore", "websockets")
"""Libraries that say more than a person wants to read."""


def mask(text: str) -> str:
    """`text` with our tokens, and passwords in addresses, replaced by stars."""
    return _IN_URLS.sub(rf"\g<before>{STARS}", _TOKENS.sub(STARS, text))


def mask_secrets(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Takes secrets out of a line: by the names of its members, and by the look of their values."""
    for key, value in line.items():
        if key.casefold() in _SECRET_KEYS:
            line[key] = STARS
        elif isinstance(value, str):
            line[key] = mask(value)
    return line


def configure_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every line, ours and those of libraries, to `stream` (None: stderr) in the form of the settings."""
    stream = stream or sys.stderr
    as_json = settings.log_format == "json"
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # An exception becomes text before secrets are taken out; a colourful trace would come after that.
    renderer: list[Processor] = [structlog.processors.format_exc_info, mask_secrets]
    if as_json:
        renderer.append(structlog.processors.JSONRenderer())
    else:
        renderer.append(structlog.dev.ConsoleRenderer(colors=stream.isatty(), pad_event_to=0))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.error").addFilter(is_no_refusal)


def is_no_refusal(line: logging.LogRecord) -> bool:
    """Leaves out what uvicorn calls an error: a WebSocket that was refused with an HTTP answer (ASGI, "Denial response")."""
    return line.getMessage() != "ASGI callable returned without completing handshake."
