"""Chromium for tests: where it is, how it is started, what must never happen on a page, passkeys without a finger."""

import os
import re
import shutil
from collections.abc import Sequence
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page

# The first is the same browser without windows: it starts and draws with a quarter less.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--no-first-run",
]
HOW_TO_GET_IT = (
    "Chromium is not here, so no browser test runs. Get it with `make browser`, or set CHROMIUM=/path/to/it."
)
# Chromium reports every answer of 400 and above as a console error, and a refused form is a right answer.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
PHONE: Any = {"width": 390, "height": 844}
SIZES: Any = ({"width": 1280, "height": 900}, PHONE)
SCHEMES = ("light", "dark")
# Resolves when the page is drawn anew and no color is on its way to another, with the pixels that it is wider than the screen.
# Chromium leaves inherited colors of the other scheme and margins of paper on some elements for a while after a switch, so the
# whole page is taken out and put back: all styles are new then. It is left at its end, and a bar at the bottom stands after the text:
# what grows late would come to lie half behind it.
STILL = """async () => {
  document.documentElement.hidden = true;
  void document.documentElement.offsetHeight;
  document.documentElement.hidden = false;
  document.querySelectorAll('.action-bar').forEach((bar) => { bar.style.position = 'static'; });
  window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
  await new Promise(requestAnimationFrame);
  await Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)));
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
}"""
DRAWN = "() => document.querySelector('.floor-editor:not(.is-ready)') === null"  # the editor shows itself when its script is there
ALIKE = 20
# Hides all but the first ones of many rows with the same element and class, and shows them again.
SHORTEN = """(most) => {
  for (const rows of document.querySelectorAll('tbody, ul, ol, dl, fieldset, .rows')) {
    const seen = new Map();
    for (const row of rows.children) {
      const kind = `${row.tagName} ${row.className}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (seen.get(kind) > most && !row.hidden) { row.hidden = true; row.dataset.axeHidden = ''; }
    }
  }
}"""
LENGTHEN = """() => document.querySelectorAll('[data-axe-hidden]').forEach((row) => {
  row.hidden = false; delete row.dataset.axeHidden;
})"""
AXE_TAGS: Any = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The script of axe is half a megabyte: it goes into a page once, and only violations come back.
IS_THERE = "() => 'axe' in window"
# The rules about colors take three quarters of axe's time. What decides about them is how a text and all that lies behind it are
# painted, so of the texts that are painted alike the first two are looked at: of a page, or of a whole walk (`walk` is its name for
# the tab's memory).
RUN = """async ([tags, colors, left_out, walk]) => {
  const behind = new Map();
  const painted = (each) => {
    if (!each) return '';
    if (!behind.has(each)) {
      const style = getComputedStyle(each);
      const own = [style.backgroundColor, style.backgroundImage, style.opacity, style.position, style.filter].join();
      const above = painted(each.parentElement);
      behind.set(each, own === 'rgba(0, 0, 0, 0),none,1,static,none' ? above : `${above}|${own}`);
    }
    return behind.get(each);
  };
  const looks = new Map(JSON.parse((walk && sessionStorage.getItem(walk)) || '[]')), texts = [];
  for (const each of document.body.querySelectorAll('*')) {
    const hasText = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!(hasText || each.matches('input, select, textarea')) || !each.checkVisibility()) continue;
    const style = getComputedStyle(each);
    const look = [each.tagName, each.className, style.color, style.fontSize, style.fontWeight, style.textDecorationLine,
      each.parentElement.tagName, each.disabled, painted(each)].join();
    looks.set(look, (looks.get(look) ?? 0) + 1);
    if (looks.get(look) <= 2) texts.push(each);
  }
  if (walk) sessionStorage.setItem(walk, JSON.stringify([...looks]));
  const found = [], wanted = {resultTypes: ['violations']};
  if (tags) {
    const others = Object.fromEntries([...colors, ...left_out].map((rule) => [rule, {enabled: false}]));
    found.push(await axe.run(document, {...wanted, runOnly: {type: 'tag', values: tags}, rules: others}));
  }
  if (texts.length) found.push(await axe.run({include: texts}, {...wanted, runOnly: {type: 'rule', values: colors}}));
  return found.flatMap((results) => results.violations);
}"""
COLOR_RULES = ["color-contrast", "link-in-text-block"]
SIZE_RULES = ["target-size"]  # compares each control with each


def find_chromium() -> str | None:
    """The path of a Chromium: CHROMIUM from the environment, else the first on the PATH."""
    names = (os.environ.get("CHROMIUM", ""), *NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def launch_arguments(*extra: str) -> dict[str, Any]:
    """For `playwright.chromium.launch(**...)`."""
    return {"executable_path": find_chromium(), "args": [*ARGUMENTS, *extra], "headless": True}


class Faults:
    """Collects console errors (broken CSP is one), uncaught exceptions and answers of 500 and above of a context's pages."""

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        context.on("console", self._console)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("response", lambda answer: self._answer(answer.status, answer.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSED.match(message.text):
            self.found.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _answer(self, status: int, url: str) -> None:
        if status >= 500:
            self.found.append(f"answered {status}: {url}")

    def check(self) -> None:
        assert self.found == [], "\n".join(self.found)


class Accessibility:
    """axe on the page as it stands, or in every size and scheme that we promise."""

    def __init__(self) -> None:
        self.axe = Axe()

    def check(
        self, page: Page, *, colors_only: bool = False, without: Sequence[str] = (), walk: str | None = None
    ) -> None:
        """Fails with every violation, its elements and how to repair it. On a `walk`, colors seen on earlier pages are known."""
        if not page.evaluate(IS_THERE):
            page.evaluate(self.axe.axe_script)
        violations = page.evaluate(RUN, [None if colors_only else AXE_TAGS, COLOR_RULES, list(without), walk])
        assert violations == [], f"{page.url}\n" + "\n".join(_words_of(violation) for violation in violations)

    def everywhere(self, page: Page) -> None:
        """Light and dark, 1280 and 390 pixels wide; also that nothing is wider than the screen.

        Of many rows alike, twenty are looked at: axe compares each element with each.
        """
        before = page.viewport_size
        schemes = SCHEMES  # each change draws the page anew, so the second width begins where the first one ended
        for size in SIZES:
            for scheme in schemes:
                self._stand(page, size, scheme)
                self.check(page, colors_only=scheme == "dark")
            schemes = schemes[::-1]
        page.evaluate(LENGTHEN)
        if before and before != page.viewport_size:
            page.set_viewport_size(before)

    def by_turns(self, page: Page, turn: int, *, schemes: Sequence[str] = SCHEMES) -> None:
        """A page of a long walk, the one of number `turn`: in one of the two widths, and left like that.

        Sizes of controls are looked at where thumbs press them.
        """
        size = SIZES[turn % 2]
        for number, scheme in enumerate(schemes):
            self._stand(page, size, scheme)
            without = () if size is PHONE else SIZE_RULES
            self.check(page, colors_only=number > 0, without=without, walk=f"axe {scheme}")

    def _stand(self, page: Page, size: Any, scheme: Any) -> None:
        page.wait_for_load_state()
        if not page.evaluate(DRAWN):
            page.wait_for_function(DRAWN)
        if page.viewport_size != size:
            page.set_viewport_size(size)
        page.evaluate(SHORTEN, ALIKE)  # once more changes nothing
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wide = page.evaluate(STILL)
        assert wide <= 0, f"{page.url} is {wide} px wider than {size['width']} px"


def _words_of(violation: dict[str, Any]) -> str:
    nodes = "\n".join(f"    {node['html'][:200]}\n      {node['failureSummary']}" for node in violation["nodes"][:5])
    return f"  {violation['id']} ({violation['impact']}): {violation['help']}\n{nodes}"


PASSKEY_DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


class VirtualAuthenticator:
    """A passkey device in the browser that says yes by itself: internal, resident keys, the user verified."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEY_DEVICE})
        self.id = added["authenticatorId"]

    def credentials(self) -> list[dict[str, Any]]:
        got = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(got["credentials"])

    def remove(self) -> None:
        try:
            self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})
        except Error:  # the page is closed, and the device with it
            return
