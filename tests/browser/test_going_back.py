"""The browser's Back button: a form with faults is still there with what was typed, until its person signs out."""

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.support.site import Site

TYPED = "Ann \u2013 typed and not yet right"


def fail_and_leave(page: Page) -> None:
    """A name that is refused, and on to another page without correcting it."""
    page.goto("/me/name")
    page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
    page.get_by_label("name").first.evaluate(
        "(field, text) => { field.maxLength = 999; field.value = text; }", TYPED * 20
    )
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.locator("main form").first.get_by_role("button").first.click()
    assert answered.value.status == 422
    page.goto("/how-it-works")


def test_back_leads_to_the_form_with_what_was_typed(page: Page, site: Site, context: BrowserContext) -> None:
    site.sign_in(context, "ann")
    fail_and_leave(page)
    page.go_back()
    expect(page.get_by_label("name").first).to_have_value(TYPED * 20)


def _press_back(page: Page) -> None:
    """Also where there is nothing to show any more, which `go_back` takes for a fault."""
    try:
        page.wait_for_load_state()
        page.evaluate("() => history.back()")
    except Error:  # the page before was only just coming
        page.wait_for_load_state()
        page.evaluate("() => history.back()")


def test_back_shows_nothing_of_it_after_signing_out(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url)
    site.sign_in(context, "ann")
    page = context.new_page()
    fail_and_leave(page)
    page.evaluate(
        "() => { const form = document.querySelector('form[action=\"/sign-out\"]'); form.submit(); }",
    )
    page.wait_for_url(site.url + "/")
    for _ in range(2):
        _press_back(page)
        page.wait_for_timeout(700)
    assert TYPED not in page.content()
    context.close()
