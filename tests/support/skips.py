"""Where nothing may be skipped (CI, or SWAPMEET_REQUIRE_BROWSER=1), a skipped or expected failure is a failure."""

import os
from collections.abc import Generator
from typing import Any

import pytest


def refuse_skips() -> bool:
    """True in CI and where the browser is required."""
    return any(os.environ.get(name, "").lower() in ("1", "true", "yes") for name in ("CI", "SWAPMEET_REQUIRE_BROWSER"))


def count_as_failures(config: pytest.Config) -> None:
    """From now on a skip fails its test."""
    config.pluginmanager.register(NoSkips(), "swapmeet-no-skips")


def _refuse(report: Any) -> None:
    if report.outcome == "skipped" or hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and nothing may be skipped here: {reason}"
        report.__dict__.pop("wasxfail", None)


class NoSkips:
    """Turns the reports of skipped tests and files into failures."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        _refuse(report)
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        report = yield
        _refuse(report)
        return report
