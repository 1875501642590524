"""The steps of a whole show as people take them in a browser. Each works with scripts and without, and asserts words on the page."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Locator, Page, expect

from swapmeet.events.showfile import sample_shows
from swapmeet.infra.clock import SystemClock
from tests.support.live_server import LiveServer

PASSWORD = "paint a tiny blue door"
SHOW = "mossgate-toy-swap"
PATIENCE_S = 20

NewContext = Callable[..., BrowserContext]


@dataclass
class Visitor:
    """One person with a browser of their own."""

    page: Page
    server: LiveServer
    name: str

    @property
    def address(self) -> str:
        return f"{self.name.lower().replace(' ', '.')}@example.org"

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str) -> None:
        link = self.page.locator("main").get_by_role("link", name=name).first
        folded = self.page.locator(".side-menu details:not([open]) > summary")  # the organizer's menu on a phone
        if not link.is_visible() and folded.is_visible():
            folded.click()
        link.click()

    def write(self, **fields: str) -> None:
        """`Your_name="Ann"` writes into the field labeled "Your name ...", as a person finds it."""
        for name, value in fields.items():
            self.field(name.replace("_", " ")).fill(value)

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first

    def sees(self, *words: str) -> None:
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)

    def sees_title(self, words: str) -> None:
        expect(self.page.get_by_role("heading", level=1, name=words)).to_be_visible()

    def mail(self, subject: str) -> EmailMessage:
        return self.server.wait_for_mail(self.address, subject=subject)

    def open_link_of(self, subject: str) -> None:
        """Opens the first link in the newest mail with these words in its subject."""
        self.page.goto(links_of(self.mail(subject))[0])


class Place(Protocol):
    """Where the public pages of a show and its organizer's pages begin."""

    @property
    def page(self) -> str: ...

    @property
    def desk(self) -> str: ...


@dataclass
class Show:
    """The sample show of the journey and what the steps learned about it."""

    first_day: date
    raw: dict[str, Any] = field(default_factory=lambda: _sample())
    slug: str = ""

    @property
    def name(self) -> str:
        return str(self.raw["name"])

    @property
    def page(self) -> str:
        return f"/shows/{self.slug}"

    @property
    def desk(self) -> str:
        return f"/manage/shows/{self.slug}"

    @property
    def morning(self) -> datetime:
        """Half past ten at the door on the first day."""
        day, zone = self.first_day, ZoneInfo(self.raw["timezone"])
        return datetime(day.year, day.month, day.day, 10, 30, tzinfo=zone).astimezone(UTC)


def _sample() -> dict[str, Any]:
    return next(each for each in sample_shows()["shows"] if each["id"] == SHOW)


def a_show(today: date) -> Show:
    """Mossgate, on the first Sunday more than three weeks ahead: from the 21st day before it, tables cost more."""
    start = today + timedelta(days=22)
    return Show(start + timedelta(days=(6 - start.weekday()) % 7))


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def links_of(message: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", text_of(message))


def codes_of(message: EmailMessage) -> list[str]:
    """The badge codes in a mail with tickets, as printed in groups."""
    return [found.strip() for found in re.findall(r"Code: ([0-9A-Z ]+)", text_of(message))]


def a_photo() -> bytes:
    """A photo as a phone writes it: JPEG with the camera and the time in its EXIF."""
    image = Image.new("RGB", (1200, 900), (196, 214, 232))
    ImageDraw.Draw(image).rectangle((300, 250, 900, 800), fill=(150, 90, 60))
    exif = Image.Exif()
    exif[0x010F], exif[0x0132] = "Camera of Ann", "2026:05:01 10:00:00"
    out = BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


# An account, a club, a show


def open_account(visitor: Visitor) -> None:
    """Register, confirm by the link in the mail (it opens a page with a button), sign in."""
    visitor.page.goto("/register")
    visitor.write(Your_name=visitor.name, The_same_password_again=PASSWORD)
    visitor.write(**{"E-mail": visitor.address, "Password": PASSWORD})
    visitor.press("Open the account")
    visitor.open_link_of("Confirm")
    visitor.sees_title("Confirm your address")
    visitor.press("Yes, this is my address")
    expect(visitor.page.get_by_role("heading", level=1, name="Confirm your address")).to_have_count(0)
    if visitor.page.locator("details.account").count() == 0:
        sign_in(visitor)


def sign_in(visitor: Visitor, at: str = "/sign-in") -> None:
    visitor.page.goto(at)
    visitor.write(**{"E-mail": visitor.address, "Password": PASSWORD})
    visitor.press("Sign in")
    expect(visitor.page.get_by_role("heading", level=1, name="Sign in")).to_have_count(0)


def found_club(olga: Visitor, name: str) -> None:
    olga.page.goto("/manage")
    olga.sees("You do not run a show yet")
    olga.follow("Create a club")
    olga.write(Name_of_the_club=name)
    olga.press("Add the club")
    olga.sees("Your club is here", name)


def import_show(olga: Visitor, show: Show) -> None:
    """The upload page: a preview that counts what is in the file, then a draft."""
    preview_import(olga, show)
    olga.sees_title(show.name)
    olga.sees("The file is in order", "117")
    olga.press("Import as a draft")
    olga.sees("is imported as a draft", "Draft")
    show.slug = olga.page.url.rpartition("/")[2]


def preview_import(olga: Visitor, show: Show, raw: dict[str, Any] | None = None) -> None:
    """Upload the show's file (or what `raw` says instead)."""
    olga.page.goto("/manage")
    olga.follow("Import a show")
    content = json.dumps(raw or show.raw).encode()
    olga.page.locator("input[type=file]").set_input_files(
        {"name": "show.json", "mimeType": "application/json", "buffer": content}
    )
    olga.write(First_day=show.first_day.isoformat())
    olga.press("Show me what is in it")


def publish(olga: Visitor, show: Show) -> None:
    """A show without an address for checks is not published; it says what is missing and where to write it."""
    olga.page.goto(show.desk)
    olga.follow("Publish")
    olga.sees("Still missing", "payment instructions")
    olga.follow("Show details")
    olga.write(How_to_pay="Checks to Lakeside Club, 1 Harbor Street, Lakeside.")
    olga.press("Save")
    olga.page.goto(f"{show.desk}/publication")
    olga.sees("Everything is there")
    olga.press("Publish this show")
    olga.sees("On sale")


def invite(olga: Visitor, show: Show, other: Visitor, role: str) -> None:
    olga.page.goto(f"{show.desk}/team")
    olga.write(**{"E-mail of the person": other.address})
    olga.page.get_by_label(re.compile(rf"^{role}:")).check()
    olga.press("Send the invitation")
    olga.sees("Invited, not answered yet", other.address)


def join_team(visitor: Visitor, role: str) -> None:
    """With an account already: open the link in the mail, press the button."""
    visitor.open_link_of("invites you to its team")
    visitor.sees("Join the team of", role)
    visitor.press("Join the team")
    visitor.sees("Welcome to the team of")


# Orders


def tick_table(visitor: Visitor, label: str) -> None:
    visitor.page.locator("#choose label").filter(has_text=re.compile(rf"^\s*{label}\b")).click()


def choose_tickets(visitor: Visitor, **wanted: int) -> None:
    """`Adult=1`: the number of each, then on to the cart or checkout."""
    for name, count in wanted.items():
        label = f"{name.replace('_', ' ')}, how many"
        visitor.page.get_by_role("spinbutton", name=label, exact=True).fill(str(count))
    visitor.press("Continue")


def to_checkout(visitor: Visitor) -> None:
    if "/checkout" not in visitor.page.url:
        visitor.follow("Continue to checkout")
    visitor.sees_title("Checkout")
    visitor.sees("Held for you until")


def place_order(visitor: Visitor, total: str) -> str:
    """By check, by mail. Returns the order's code."""
    visitor.page.get_by_label("By check, by mail").check()
    visitor.press(f"Place the order: {total}")
    visitor.sees("Your order", f"Pay {total} by", "1 Harbor Street")
    found = re.search(r"/orders/([0-9A-Z]+)/", visitor.page.url)
    assert found is not None
    return found.group(1)


def take_two_tables_and_a_ticket(vic: Visitor, show: Show) -> str:
    """Two adjoining tables from the list, then a ticket into the same cart: one order. Returns its code."""
    vic.page.goto(show.page)
    vic.page.get_by_role("navigation", name="Parts of the show").get_by_role("link", name="Tables").click()
    vic.sees_title("Choose your tables")
    tick_table(vic, "A01")
    tick_table(vic, "A02")
    vic.page.locator("[data-continue]").click()
    vic.sees_title("Your cart")
    vic.sees("Table A01", "Table A02", "$120.00", "Held for you until")
    vic.follow("Add something else")
    choose_tickets(vic, Adult=1)
    to_checkout(vic)
    vic.sees("Table A01", "Table A02", "Adult", "$128.00")
    vic.write(Name_on_the_signs_of_all_your_tables="Vic's Small Rooms", What_do_you_sell="Furniture in 1:12")
    return place_order(vic, "$128.00")


def register_two(ann: Visitor, show: Show, *, is_guest: bool = False) -> str:
    """An adult and a child, one of them paid. Returns the order's code."""
    ann.page.goto(show.page)
    choose_tickets(ann, Adult=1, Under_10_with_an_adult=1)
    to_checkout(ann)
    if is_guest:
        ann.write(Your_name=ann.name, **{"Your e-mail address": ann.address})
    names = ann.page.locator("input[name*='-name-']")
    expect(names).to_have_count(2)
    names.nth(0).fill(ann.name)
    names.nth(1).fill("Bea Attendee")
    return place_order(ann, "$8.00")


def record_check(trudy: Visitor, show: Show, code: str, owed: str) -> None:
    """The treasurer finds the order by its code and records the check."""
    trudy.page.goto(f"{show.desk}/orders")
    trudy.page.get_by_role("searchbox").fill(code)
    trudy.press("Search")
    trudy.page.get_by_role("link", name=code).click()
    trudy.sees("Waiting for payment", owed)
    trudy.follow("Record a payment")
    trudy.field("Came in as").select_option(label="Check")
    trudy.field("Check number or bank reference").fill("1044")
    trudy.press("Record the payment")
    trudy.sees("The payment is recorded", "Confirmed", "Came in")


# Trades


def list_item(visitor: Visitor, show: Place, title: str, *, photo: bytes | None = None) -> str:
    """Write it, add a photo or none, list it. Returns its address."""
    visitor.page.goto(f"{show.page}/trades")
    visitor.follow("List something")
    visitor.write(What_is_it=title, What_would_you_like_for_it="Anything in 1:12")
    visitor.page.get_by_label("Trade only").check()
    for label, choice in (("Category", "Furniture"), ("Scale", "One inch 1:12"), ("Is it complete", "Complete")):
        visitor.field(label).select_option(label=choice)
    visitor.field("Condition").select_option(index=1)
    visitor.page.get_by_label("It is mine to trade").check()
    visitor.press("Save and go on to photos")
    if photo is None:
        visitor.press("List it without a photo")
    else:
        add_photo(visitor, photo)
        visitor.press("List it")
    visitor.sees("It is listed now", title, "On offer")
    return visitor.page.url


def add_photo(visitor: Visitor, photo: bytes) -> None:
    """The photo is prepared by the worker; the page asks again by itself, or by its link."""
    visitor.page.locator("input[type=file]").set_input_files(
        {"name": "stable.jpg", "mimeType": "image/jpeg", "buffer": photo}
    )
    visitor.field("What do they show?").fill("A brown stable, front view")
    visitor.press("Add them")
    visitor.sees("are being prepared")
    deadline = time.monotonic() + PATIENCE_S
    while visitor.page.get_by_text("Shown first").count() == 0 and time.monotonic() < deadline:
        visitor.page.wait_for_timeout(250)
        again = visitor.page.get_by_role("link", name="Look again")
        if again.count():
            again.click()
    visitor.sees("Shown first")


def trade(giver: Visitor, taker: Visitor, address: str, mine: str) -> None:
    """Offer, accept, and both tick that they have their things."""
    giver.page.goto(address)
    giver.follow("Make an offer")
    giver.page.get_by_label(mine).check()
    giver.write(A_word_with_it="At my table A01, at noon?")
    giver.press("Send the offer")
    giver.sees("Your offer is sent", "Waiting for an answer")
    taker.open_link_of("offers you a trade")
    taker.sees(mine, "Nothing is reserved until it is accepted")
    taker.press("Accept")
    taker.sees("Agreed")
    giver.open_link_of("has answered your offer")
    giver.press("I have my things: done")
    giver.sees("You have ticked it")
    taker.page.reload()
    taker.press("I have my things: done")
    taker.sees("Both of you have ticked it")


# The door


def scan(dora: Visitor, show: Place, code: str, *answers: str) -> None:
    """A typed code and the answer in one glance."""
    dora.page.goto(f"{show.desk}/door")
    dora.field("Scan or type").fill(code)
    dora.press("Go")
    for words in answers:
        expect(dora.page.locator(".verdict")).to_contain_text(words)


def take_back(dora: Visitor, name: str) -> None:
    """Undo the entry of somebody from the list of those just let in."""
    dora.page.locator("li", has_text=name).get_by_role("button", name="Take back").click()
    dora.sees("Taken back at")


# All of it


def walk(server: LiveServer, new_context: NewContext, *, is_guest: bool = False, **browser: Any) -> None:
    """A whole show once. `is_guest`: Ann orders without an account and opens one later. `browser`: what each browser is like."""

    def visitor(name: str) -> Visitor:
        return Visitor(new_context(base_url=server.url, **browser).new_page(), server, name)

    olga, trudy, vic, ann = (
        visitor(name) for name in ("Olga Organizer", "Trudy Treasurer", "Vic Vendor", "Ann Attendee")
    )
    show = a_show(SystemClock().now().date())
    for person in (olga, trudy, vic):
        open_account(person)
    make_show(olga, trudy, show)
    badges = sell(vic, ann, trudy, show, is_guest=is_guest)
    stable = list_item(ann, show, "Tin stable with two horses", photo=a_photo())
    list_item(vic, show, "Walnut ladder-back chairs")
    trade(vic, ann, stable, "Walnut ladder-back chairs")
    server.set_clock(show.morning)
    mind_the_door(olga, show, badges)
    look_at_it_all(olga, show)


def make_show(olga: Visitor, trudy: Visitor, show: Show) -> None:
    """A club with a treasurer, and a published show."""
    found_club(olga, "Lakeside Club")
    import_show(olga, show)
    publish(olga, show)
    invite(olga, show, trudy, "Treasurer")
    join_team(trudy, "Treasurer")


def sell(vic: Visitor, ann: Visitor, trudy: Visitor, show: Show, *, is_guest: bool) -> list[str]:
    """Vic takes tables and a ticket, Ann registers two people, the checks come in. Returns the codes of Ann's badges."""
    tables = take_two_tables_and_a_ticket(vic, show)
    if not is_guest:
        open_account(ann)
    tickets = register_two(ann, show, is_guest=is_guest)
    record_check(trudy, show, tables, "$128.00")
    record_check(trudy, show, tickets, "$8.00")
    badges = codes_of(ann.mail("is confirmed"))
    assert len(badges) == 2
    ann.open_link_of("is confirmed")
    ann.sees("All set", badges[0], badges[1])
    if is_guest:
        open_account(ann)
    ann.page.goto("/me/tickets")
    ann.sees("Ann Attendee", "Bea Attendee", badges[0])
    ann.page.goto("/me/orders")
    ann.sees(tickets, "Confirmed")
    vic.page.goto("/me/tables")
    vic.sees("A01", "A02")
    vic.page.goto(f"{show.page}/vendors")
    vic.sees("Vic's Small Rooms", "A01", "A02")
    return badges


def mind_the_door(olga: Visitor, show: Show, badges: list[str]) -> None:
    """Both in, nobody twice, one entry taken back and given again."""
    scan(olga, show, badges[0], "In: Ann Attendee", "Adult")
    scan(olga, show, badges[1], "In: Bea Attendee")
    scan(olga, show, badges[0], "Already in at", "Ann Attendee")
    take_back(olga, "Bea Attendee")
    scan(olga, show, badges[1], "In: Bea Attendee")


def look_at_it_all(olga: Visitor, show: Show) -> None:
    """The numbers of the overview, the attendees, the money."""
    olga.page.goto(show.desk)
    for words, number in (("confirmed orders", "2"), ("taken", "$136.00"), ("tables sold", "2 / 117")):
        expect(olga.page.locator(".kpi", has_text=words)).to_contain_text(number)
    olga.page.goto(f"{show.desk}/attendees")
    olga.sees("Ann Attendee", "Bea Attendee", "Vic Vendor", "Not in yet")
    olga.page.goto(f"{show.desk}/money")
    olga.sees("$136.00")
