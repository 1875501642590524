"""The frame of the browser tests holds: pages come without errors, faults are caught, the axe cuts."""

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser import Accessibility, Faults, VirtualAuthenticator
from tests.support.site import Site


def test_the_style_guide_has_no_errors_and_passes_axe_everywhere(page: Page, axe: Accessibility) -> None:
    page.goto("/styleguide")
    expect(page.locator("h1")).to_be_visible()
    axe.everywhere(page)


def test_a_page_works_with_scripts_off(plain_page: Page) -> None:
    plain_page.goto("/styleguide")
    expect(plain_page.locator("h1")).to_be_visible()


def test_a_broken_content_security_policy_is_caught(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url)
    faults = Faults(context)
    page = context.new_page()
    page.goto("/styleguide")
    page.evaluate("() => { const s = document.createElement('script'); s.textContent = '1'; document.body.append(s); }")
    page.wait_for_timeout(200)
    context.close()
    with pytest.raises(AssertionError, match="Content Security Policy"):
        faults.check()


def test_axe_finds_a_picture_without_words(page: Page, axe: Accessibility) -> None:
    page.goto("/styleguide")
    page.evaluate("() => { document.querySelector('main').append(new Image()); }")
    with pytest.raises(AssertionError, match="image-alt"):
        axe.check(page)


def test_a_passkey_device_is_there(page: Page, authenticator: VirtualAuthenticator) -> None:
    page.goto("/styleguide")
    assert authenticator.credentials() == []
    assert page.evaluate("() => window.isSecureContext && 'credentials' in navigator")


def test_the_cast_signs_in(page: Page, site: Site, context: BrowserContext) -> None:
    site.sign_in(context, "olga")
    page.goto("/me")
    expect(page.locator("body")).to_contain_text("Olga")


@pytest.mark.parametrize("colors_only", [False, True])
def test_axe_finds_the_one_pale_text_among_many_that_look_alike(
    page: Page, axe: Accessibility, colors_only: bool
) -> None:
    page.goto("/styleguide")
    page.evaluate("""() => document.querySelectorAll('main p').forEach((each, number, all) => {
      if (number === all.length - 1) each.style.color = '#bbb';
    })""")
    with pytest.raises(AssertionError, match="color-contrast"):
        axe.check(page, colors_only=colors_only)
