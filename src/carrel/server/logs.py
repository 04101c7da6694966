"""The server's own log: structured, one line an event, on stderr, as text for people or JSON for collectors."""

from __future__ import annotations

import logging
import sys

import structlog

from carrel.server.settings import Settings

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logs(settings: Settings) -> None:
    """Set the log up, once for a process. Tracebacks have no local variables: they could hold secrets."""
    form: structlog.types.Processor
    if settings.log_format == "json":
        form = structlog.processors.JSONRenderer()
    else:
        plain = structlog.dev.plain_traceback
        form = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *([structlog.processors.format_exc_info] if settings.log_format == "json" else []),
            form,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
