"""Does a page fit: 320 pixels wide, 200 % zoom (640), on paper; are controls large enough for a thumb; do bars cover nothing."""

from typing import Any

from playwright.sync_api import Page

from tests.support.browser import ALIKE, SHORTEN

NARROW: Any = {"width": 320, "height": 800}
A4: Any = {"width": 688, "height": 971}  # pixels between the margins

# What sticks out to the right, innermost first, without what scrolls or is clipped by itself.
TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  const isHeld = (each) => each && (getComputedStyle(each).overflowX !== 'visible' || isHeld(each.parentElement));
  return [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > edge && !isHeld(each.parentElement)).slice(-3)
    .map((each) => each.outerHTML.slice(0, 160)).concat([`${document.documentElement.scrollWidth} > ${edge}`]);
}"""

# Controls less than 44 pixels high. What is hidden for the eye has no size to check.
TOO_SMALL = """() => [...document.querySelectorAll(
    '.btn:not(.btn-small), .form-control, .form-select, .tabs a, .side-group a, .stepper button')]
  .filter((each) => each.checkVisibility() && !each.closest('.visually-hidden'))
  .filter((each) => each.getBoundingClientRect().height < 43.5).slice(0, 5).map((each) => each.outerHTML.slice(0, 160))"""

# Fixed bars: more than one on the screen, or the end of the page below one.
COVERED = """() => {
  window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'});
  const isFixed = (each) => each.checkVisibility() && getComputedStyle(each).position === 'fixed';
  const bars = [...document.querySelectorAll('.action-bar')].filter(isFixed);
  const end = [...document.querySelectorAll('.foot a, .foot button')].pop().getBoundingClientRect().bottom;
  const covered = bars.filter((each) => each.getBoundingClientRect().top < end);
  return (bars.length > 1 ? bars : covered).map((each) => each.outerHTML.slice(0, 200));
}"""

ON_PAPER = """() => [...document.querySelectorAll('.btn, .top, .foot, .side, .tabs, .action-bar')]
  .filter((each) => each.checkVisibility()).slice(0, 3).map((each) => each.outerHTML.slice(0, 160))"""


def misfits(page: Page, turn: int) -> list[str]:
    """What does not fit, a sentence each. The page was opened on the narrowest screen; its size is another one afterwards.

    `turn` is the number of the page in a long walk: zoomed and printed pages are looked at by turns, the narrowest always.
    Of many rows alike, zoom and paper show the first ones; the others stay hidden.
    """
    faults = _look(page, TOO_SMALL, "too small for a thumb") + _look(page, COVERED, "covered by a bar")
    faults += _look(page, TOO_WIDE, "at 320 px")
    page.evaluate(SHORTEN, ALIKE)
    if turn % 2:
        page.emulate_media(media="print", color_scheme="light")
        page.set_viewport_size(A4)
        faults += _look(page, TOO_WIDE, "on paper") + _look(page, ON_PAPER, "has buttons on paper")
        page.emulate_media(media="screen")
    else:
        page.set_viewport_size({"width": 640, "height": 800})
        faults += _look(page, TOO_WIDE, "at 640 px")
    return faults


def _look(page: Page, script: str, what: str) -> list[str]:
    return [f"{page.url} {what}: {fault}" for fault in page.evaluate(script)]
