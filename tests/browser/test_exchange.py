"""An exchange on phones from sign-up to thanks, and the bring and buy desk; each page without an accessibility fault."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import BrowserContext, Page, expect

from swapmeet.cli import main
from tests.support.browser import PHONE
from tests.trades.consignment.test_bring_and_buy import bring as bring_priced
from tests.trades.consignment.test_bring_and_buy import open_desk
from tests.trades.exchanges.swap import bring

NewContext = Callable[..., BrowserContext]


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def _type(page: Page, desk: str, code: str) -> None:
    page.goto(desk)
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "?" in url)


def _check_draw(file: Path, seal: str) -> None:
    """By the command, with the seal noted before the draw, and with others."""
    checked = CliRunner().invoke(main, ["verify-draw", str(file), "--commitment", seal])
    assert checked.output.startswith("The draw is right: 3 pieces"), (checked.output, seal)
    assert CliRunner().invoke(main, ["verify-draw", str(file), "--commitment", "0" * 64]).exit_code == 1
    assert CliRunner().invoke(main, ["verify-draw", str(file), "--entries-hash", "0" * 64]).exit_code == 2


def test_a_whole_exchange_on_phones(site: Any, new_context: NewContext, axe: Any, tmp_path: Path) -> None:
    world = site.world()
    phone = {"viewport": PHONE, "accept_downloads": True}
    host, guest = new_context(**phone), new_context(**phone)
    site.sign_in(host, "olga")
    site.sign_in(guest, "tess")
    olga, tess = host.new_page(), guest.new_page()
    olga.goto(f"{site.url}/manage/shows/{world.slug}/exchanges")
    olga.get_by_role("button", name="Open the exchange").click()
    expect(olga.locator(".error-summary")).to_be_visible()
    axe.everywhere(olga)
    olga.get_by_label("Name").first.fill("Exchange in 1:12")
    olga.get_by_role("button", name="Open the exchange").click()
    expect(olga.get_by_text("The exchange is open")).to_be_visible()
    desk = olga.url
    exchange_id = int(desk.rsplit("/", 1)[1])
    with site.rows():
        bring(world, exchange_id, tom=1, ann=1)

    here = f"{site.url}/shows/{world.slug}/exchanges/{exchange_id}"
    tess.goto(here)
    axe.everywhere(tess)
    seal = tess.locator("dl .code, dl code").first.inner_text().strip()
    tess.get_by_role("button", name="Sign up").click()
    expect(tess.get_by_text("Your number is 3: write it on what you bring.")).to_be_visible()

    _type(olga, desk, "3")
    axe.everywhere(olga)
    _fits(olga)
    olga.get_by_role("button", name="Take them in").click()
    expect(olga.get_by_text("Number 3: 1 piece is here.")).to_be_visible()
    olga.get_by_text("Draw now", exact=True).first.click()
    olga.get_by_role("button", name="Draw", exact=True).click()
    expect(olga.get_by_text("The draw is done: 3 pieces change hands.")).to_be_visible()
    _type(olga, desk, "3")
    olga.get_by_role("button", name="Handed over").click()
    expect(olga.get_by_text("Number 3 has collected everything.")).to_be_visible()
    axe.everywhere(olga)

    tess.goto(here)
    expect(tess.get_by_text("You get 1 piece, with these numbers on them:")).to_be_visible()
    tess.get_by_text("Say thanks to").click()
    axe.everywhere(tess)
    tess.get_by_label("A few words").fill("It stands on the mantelpiece.")
    tess.get_by_role("button", name="Send the thanks").click()
    expect(tess.get_by_text("You wrote: It stands on the mantelpiece.")).to_be_visible()
    axe.everywhere(tess)
    _fits(tess)
    with tess.expect_download() as download:
        tess.get_by_role("link", name="The draw (JSON)").click()
    file = tmp_path / "draw.json"
    download.value.save_as(file)
    _check_draw(file, seal)


def test_bring_and_buy_on_phones(site: Any, new_context: NewContext, axe: Any) -> None:
    world = site.world()
    with site.rows():
        open_desk(world, words="Fetch your money by four.")
        bring_priced(world, "ann", 700)
    host, guest = new_context(viewport=PHONE), new_context(viewport=PHONE)
    site.sign_in(host, "olga")
    site.sign_in(guest, "tess")
    olga, tess = host.new_page(), guest.new_page()
    here = f"{site.url}/shows/{world.slug}/bring-and-buy"
    desk = f"{site.url}/manage/shows/{world.slug}/bring-and-buy"
    tess.goto(here)
    tess.get_by_role("button", name="List it").click()
    expect(tess.locator(".error-summary")).to_be_visible()
    axe.everywhere(tess)
    tess.get_by_label("What is it?").fill("Plastic greenhouse kit")
    tess.get_by_label("Price").fill("15.50")
    tess.get_by_role("button", name="List it").click()
    expect(tess.get_by_text("Your number is 2, and this is thing 1.")).to_be_visible()
    axe.everywhere(tess)
    _fits(tess)

    _type(olga, desk, "2-1")
    olga.get_by_role("button", name="It is here", exact=True).click()
    axe.everywhere(olga)
    _fits(olga)
    olga.get_by_role("button", name="Sold for $15.50").click()
    expect(olga.get_by_text("“Plastic greenhouse kit” is sold.")).to_be_visible()
    olga.get_by_role("button", name="Pay out $13.50").click()
    expect(olga.get_by_text("Paid out: 13.50 USD to seller 2.")).to_be_visible()
    axe.everywhere(olga)
    for part in ("/terms", "/list"):
        olga.goto(desk + part)
        axe.everywhere(olga)
        _fits(olga)
