"""Passkeys in a real browser, with a device that says yes: add, sign in, prove again, remove; a used answer is dead."""

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from swapmeet.accounts import sessions
from tests.support.browser import Accessibility, VirtualAuthenticator
from tests.support.site import Site


def add_passkey(page: Page, name: str = "My phone") -> None:
    page.goto("/me/passkeys")
    page.get_by_label("Name of this passkey").fill(name)
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text(f"The passkey {name} is ready.")).to_be_visible()


def sign_out(context: BrowserContext) -> None:
    context.clear_cookies()


def test_s_t7_a_passkey_is_added_and_signs_in_alone(
    site: Site, page: Page, context: BrowserContext, authenticator: VirtualAuthenticator
) -> None:
    site.world()
    site.sign_in(context, "ann")
    add_passkey(page)
    (credential,) = authenticator.credentials()
    assert credential["isResidentCredential"]
    sign_out(context)
    page.goto("/sign-in?next=/me/sign-ins")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    cookies: dict[str, Any] = {cookie["name"]: cookie for cookie in context.cookies()}
    assert cookies[sessions.COOKIE]["httpOnly"]


def test_the_passkey_pages_need_no_inline_script(
    site: Site, page: Page, context: BrowserContext, authenticator: VirtualAuthenticator
) -> None:
    site.world()
    site.sign_in(context, "ann")
    response = page.goto("/me/passkeys")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy and "nonce" not in policy and "unsafe" not in policy


def test_a_used_answer_signs_nobody_in_again(
    site: Site, page: Page, context: BrowserContext, authenticator: VirtualAuthenticator
) -> None:
    site.world()
    site.sign_in(context, "ann")
    add_passkey(page)
    sign_out(context)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request) if "/sign-in/passkey/" in request.url else None)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("summary", has_text="Ann Attendee")).to_be_visible()
    (answer,) = sent
    steps = {cookie["name"]: cookie for cookie in context.cookies()}
    assert "swapmeet_step" not in steps
    sign_out(context)
    page.goto("/sign-in")
    token = page.locator('input[name="csrf_token"]').first.input_value()
    body = dict(pair.split("=", 1) for pair in answer.post_data.split("&"))
    replay = context.request.post(
        answer.url, form={"csrf_token": token, "credential": _decoded(body["credential"])}, max_redirects=0
    )
    assert replay.status == 303
    assert sessions.COOKIE not in {cookie["name"] for cookie in context.cookies()}


def _decoded(text: str) -> str:
    from urllib.parse import unquote_plus

    return unquote_plus(text)


def test_a_passkey_proves_again_who_somebody_is(
    site: Site, page: Page, context: BrowserContext, authenticator: VirtualAuthenticator
) -> None:
    site.world()
    site.sign_in(context, "ann")
    add_passkey(page)
    page.goto("/me/verify?next=/me/email")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Change your e-mail address")).to_be_visible()


def test_a_removed_passkey_signs_nobody_in(
    site: Site, page: Page, context: BrowserContext, authenticator: VirtualAuthenticator
) -> None:
    site.world()
    site.sign_in(context, "ann")
    add_passkey(page)
    page.get_by_text("Remove", exact=True).click()
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("The passkey My phone is removed.")).to_be_visible()
    sign_out(context)
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("We do not know this passkey.")).to_be_visible()


def test_without_scripts_the_page_says_so_and_the_password_works(site: Site, plain_page: Page) -> None:
    site.world()
    plain_page.goto("/sign-in")
    plain_page.get_by_role("button", name="Sign in with a passkey").click()
    expect(plain_page.get_by_text("This needs scripts in your browser.")).to_be_visible()
    plain_page.get_by_role("link", name="Use the password instead").click()
    expect(plain_page.get_by_label("Password")).to_be_visible()


def test_account_pages_pass_axe(site: Site, page: Page, context: BrowserContext, axe: Accessibility) -> None:
    world = site.world()
    for turn, address in enumerate(("/sign-in", "/register", "/recover", "/confirm")):
        page.goto(address)
        axe.by_turns(page, turn)
    site.sign_in(context, "olga")
    team = "/manage/organizers/lakeside-club"
    pages = (
        "/me",
        "/me/sign-ins",
        "/me/passkeys",
        "/me/second-factor",
        "/me/recovery-codes",
        "/me/password",
        "/me/email",
        "/me/erasure",
        "/manage/organizers/new",
        f"{team}/team",
        f"{team}/details",
        f"{team}/tokens",
        f"/manage/shows/{world.slug}/team",
        f"/manage/shows/{world.slug}/tokens",
    )
    for turn, address in enumerate(pages):
        page.goto(address)
        axe.by_turns(page, turn)
