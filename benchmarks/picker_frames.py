"""The picker on a phone: 2,000 numbered tables, 390 by 844, the processor slowed four times. Frames while fingers move the plan.

The times between frames are those of this machine and of whatever else runs on it; what the page's own thread works in a frame
does not depend on that. Also the bytes that a visitor loads: the scripts of the picker (htmx apart) and the drawing, compressed
as a web server does.
"""

import gzip
import re
import statistics
from itertools import pairwise
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.browser import Browser
from benchmarks.harness import ROOT, Check, finish, percentile, report_checks, serve
from benchmarks.show import Filled, fill_show
from tests.support.browser import launch_arguments

ROWS, TABLES_A_ROW = 25, 80
SLOWED = 4
STEPS = 60  # frames of a gesture
GESTURES = 4
SCRIPTS = ("plan-pick", "plan-keys", "plan-view", "live-tables", "autosubmit")
IMPORTED = re.compile(r'from "\.\./(lib/[\w-]+\.js)"')
# Notes the instant of each frame until told to stop.
WATCH = """() => {
  window.frames_ms = [];
  const note = (at) => { window.frames_ms.push(at); window.frame_id = requestAnimationFrame(note); };
  window.frame_id = requestAnimationFrame(note);
}"""
STOP = "() => { cancelAnimationFrame(window.frame_id); return window.frames_ms; }"
NEXT_FRAME = "() => new Promise((done) => requestAnimationFrame(() => done()))"


def fill(app: Any) -> Filled:
    return fill_show(app, table_rows=ROWS, tables_a_row=TABLES_A_ROW, session_count=4, hall_mm=(160_000, 90_000))


def zipped(text: str) -> float:
    """Kilobytes."""
    return len(gzip.compress(text.encode(), 6)) / 1000


def script_size() -> float:
    """The modules of the picker and what they import, with the loader."""
    folder = ROOT / "static" / "js"
    texts = [(folder / "main.js").read_text()]
    texts += [(folder / "modules" / f"{name}.js").read_text() for name in SCRIPTS]
    libs = sorted({lib for text in texts for lib in IMPORTED.findall(text)})
    return sum(zipped(text) for text in [*texts, *((folder / lib).read_text() for lib in libs)])


def touch(cdp: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def pan(page: Page, cdp: CDPSession, x: float, y: float) -> None:
    """One finger goes to and fro."""
    touch(cdp, "touchStart", (x, y))
    for step in range(STEPS):
        away = 120 * (1 - abs(1 - 2 * step / STEPS))
        touch(cdp, "touchMove", (x - away, y + away / 2))
    touch(cdp, "touchEnd")


def pinch(page: Page, cdp: CDPSession, x: float, y: float, low: float, high: float) -> None:
    """Two fingers go apart or together."""
    touch(cdp, "touchStart", (x - low, y), (x + low, y))
    for step in range(STEPS):
        apart = low + (high - low) * (step + 1) / STEPS
        touch(cdp, "touchMove", (x - apart, y), (x + apart, y))
    touch(cdp, "touchEnd")


def busy_ms(cdp: CDPSession) -> float:
    """What the main thread of the page has worked so far, on its slowed processor."""
    return next(m["value"] for m in cdp.send("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration") * 1000


def watched(page: Page, gesture: Any) -> list[float]:
    """Milliseconds between frames during a gesture."""
    page.evaluate(NEXT_FRAME)
    page.evaluate(WATCH)
    gesture()
    at = page.evaluate(STOP)
    return [after - before for before, after in pairwise(at)]


def measure(page: Page, cdp: CDPSession, address: str) -> list[Check]:
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address)
    page.locator(".plan-frame.can-move").wait_for()
    page.locator("#plan-head").evaluate("(head) => head.scrollIntoView()")
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
    frame = page.locator(".plan-frame").bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    panning: list[float] = []
    zooming: list[float] = []
    before = busy_ms(cdp)
    for _ in range(GESTURES):
        zooming += watched(page, lambda: pinch(page, cdp, x, y, 20, 110))
        panning += watched(page, lambda: pan(page, cdp, x, y))
        zooming += watched(page, lambda: pinch(page, cdp, x, y, 20, 90))
        panning += watched(page, lambda: pan(page, cdp, x, y))
        zooming += watched(page, lambda: pinch(page, cdp, x, y, 150, 8))
    count = len(panning) + len(zooming)
    return [
        Check("work of the page's thread a frame, slowed, ms", (busy_ms(cdp) - before) / count, at_most=17, digits=1),
        Check("frames seen", count, at_least=200, digits=0),
    ] + [
        Check(f"frame while {name}, {what} ms", value, at_most=limit, digits=1)
        for name, found in (("panning", panning), ("zooming", zooming))
        for what, value, limit in (
            ("median", statistics.median(found), 17.0),
            ("p95", percentile(found, 95), 34.0),
        )
    ]


def main() -> int:
    with serve("sqlite", fill) as (site, show), sync_playwright() as playwright:
        address = f"http://127.0.0.1:{site.port}{show.path}/tables"
        html = Browser(site.port).get(f"{show.path}/tables").expect(200).text
        drawing = html[html.index('<svg class="plan"') : html.index("</svg>", html.index('<svg class="plan"'))]
        browser = playwright.chromium.launch(**launch_arguments())
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True
        )
        page = context.new_page()
        checks = measure(page, context.new_cdp_session(page), address)
        browser.close()
    checks += [
        Check("tables drawn with their numbers", drawing.count('class="place '), at_least=2000, digits=0),
        Check("scripts of the picker, kB compressed", script_size(), at_most=15, digits=1),
        Check("the plan, kB compressed", zipped(drawing), at_most=45, digits=1),
    ]
    report_checks(f"The picker with {ROWS * TABLES_A_ROW} tables on a phone, processor slowed {SLOWED} times", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
