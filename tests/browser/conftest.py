"""Browser tests: a real server, a real Chromium. A console error, a broken CSP or a 5xx fails the test it happens in."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import (
    HOW_TO_GET_IT,
    Accessibility,
    Faults,
    VirtualAuthenticator,
    find_chromium,
    launch_arguments,
)
from tests.support.once import shared_folder

if TYPE_CHECKING:
    from tests.support.demo_site import DemoSite
    from tests.support.site import Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is None:
        for item in items:
            if item.path.is_relative_to(__file__.rpartition("/")[0]):
                item.add_marker(pytest.mark.skip(reason=HOW_TO_GET_IT))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return launch_arguments()


@pytest.fixture(scope="session")
def _running_site(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Site]":
    from tests.support.site import Site

    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.close()


@pytest.fixture
def site(_running_site: "Site") -> "Site":
    """The live site without rows. `site.world()` fills in the cast, `site.sign_in(context, "olga")` signs in."""
    _running_site.empty()
    return _running_site


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[DemoSite]":
    """A live site with a whole show on it, made once a run: look, but change nothing that others look at."""
    from tests.support.demo_site import DemoSite

    site = DemoSite(tmp_path_factory.mktemp("demo"), shared_folder(tmp_path_factory.getbasetemp()) / "demo_made")
    yield site
    site.close()


@pytest.fixture
def browser_context_args(site: "Site") -> dict[str, Any]:
    return {
        "base_url": site.url,
        "viewport": {"width": 1280, "height": 900},
        "locale": "en-US",
        "service_workers": "block",
    }


@pytest.fixture
def new_context(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Callable[..., BrowserContext]]:
    """Makes contexts (visitors who share nothing); keywords as of Playwright, `java_script_enabled=False` for scripts off."""
    made: list[tuple[BrowserContext, Faults]] = []

    def make(**changes: Any) -> BrowserContext:
        context = browser.new_context(**{**browser_context_args, **changes})
        context.set_default_timeout(10_000)
        made.append((context, Faults(context)))
        return context

    yield make
    for context, faults in made:
        context.close()
        faults.check()


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def plain_page(new_context: Callable[..., BrowserContext]) -> Page:
    """A page with scripts off."""
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def sign_in(site: "Site", context: BrowserContext) -> Callable[[str], None]:
    """`sign_in("olga")`: the page's visitor is Olga from now on."""
    return lambda key: site.sign_in(context, key)


@pytest.fixture(scope="session")
def axe() -> Accessibility:
    """`axe.check(page)`, `axe.everywhere(page)`."""
    return Accessibility()


@pytest.fixture
def authenticator(page: Page) -> Iterator[VirtualAuthenticator]:
    """A passkey device that says yes, in the browser of `page`."""
    device = VirtualAuthenticator(page)
    yield device
    device.remove()
