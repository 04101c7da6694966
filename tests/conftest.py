"""A heading before each layer of tests, so that a long run says where it is; the reference CLI."""

from __future__ import annotations

import pytest
from tests.reference_cli import ReferenceAbsentError, reference_argv


class _Headings:
    """Prints `tests/unit`, `tests/contract`, ... when the first test of that layer starts."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._layer = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        layer = "/".join(nodeid.split("/")[:2])
        if layer != self._layer:
            self._layer = layer
            self._reporter.ensure_newline()
            self._reporter.section(layer)


@pytest.hookimpl(trylast=True)  # the reporter registers itself in the same hook
def pytest_configure(config: pytest.Config) -> None:
    """Registers the headings where pytest writes to a terminal or a log."""
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
