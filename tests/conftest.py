"""For all tests: headings, so that a long run says where it is; signals and time limits; the reference CLI."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
import structlog
from hypothesis import HealthCheck, settings
from structlog.dev import plain_traceback
from tests.reference_cli import ReferenceAbsentError, reference_argv

TEARDOWN_SECONDS = 60.0

# How long an example takes says how busy the machine is.
# A change is judged by the same examples each time; new ones are found where people work.
settings.register_profile(
    "carrel", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("carrel")

# Rich's traces, structlog's default where rich is installed, take half a minute where a locals' repr is long.
structlog.configure(
    processors=[structlog.processors.add_log_level, structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)]
)


class _Headings:
    """Prints `tests/unit`, `tests/contract`, ... when the first test of that layer starts."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._begun: set[str] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        layer = "/".join(nodeid.split("/")[:2])
        if layer not in self._begun:
            self._begun.add(layer)
            self._reporter.ensure_newline()
            self._reporter.section(layer)


def _hear_signals() -> None:
    """A run in the background of a script, or under nohup, ignores these, and so would the programs under test."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names bytes by their argument: xdist needs the same names in every process, and gzip writes the time."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Limits the taking down of a test that failed: pytest-timeout counts no further after a failure."""
    if any(signal.getitimer(signal.ITIMER_REAL)):
        return (yield)
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.setitimer(signal.ITIMER_REAL, TEARDOWN_SECONDS)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    pytest.fail(f"The test could not be taken down within {TEARDOWN_SECONDS:g} s.")


@pytest.hookimpl(trylast=True)  # the reporter registers itself in the same hook
def pytest_configure(config: pytest.Config) -> None:
    """Registers the headings where pytest writes to a terminal or a log; hears signals."""
    _hear_signals()
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        config.pluginmanager.register(_Headings(reporter))


@pytest.fixture(scope="session")
def reference_cli() -> tuple[str, ...]:
    """The words that run the reference Dev Containers CLI; see tests/reference_cli.py."""
    try:
        return reference_argv()
    except ReferenceAbsentError as absent:
        pytest.skip(str(absent))
