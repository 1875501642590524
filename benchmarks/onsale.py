"""The sale opens: 3,000 buyers within a minute for 500 places; and what a registration costs with a code, questions and tax on it."""

import threading
import time
from typing import Any

from benchmarks.browser import Browser
from benchmarks.harness import (
    DATABASES,
    Check,
    Site,
    finish,
    foreign_load,
    in_app,
    load,
    percentile,
    report_checks,
    serve,
)
from benchmarks.registration import contact, register
from benchmarks.rush import count_sold
from benchmarks.show import BIG, Filled, add_rush, fill_show

BUYERS, PLACES, SPREAD_S = 3000, 500, 60.0
TOLD_P95_S, RATIO = 2.0, 1.5
UNITS, WARM = 150, 40
CODE = "WELCOME"


class Sale:
    """Everybody comes at a moment of their own within the minute, and waits for each answer as a person does."""

    def __init__(self, site: Site, show: Filled) -> None:
        self.site, self.show = site, show
        self.answers: list[float] = []
        self.told: list[float] = []
        self.won = 0
        self.faults: list[BaseException] = []
        self.lock = threading.Lock()

    def run(self) -> None:
        start = time.perf_counter()
        threads = [threading.Thread(target=self._buyer, args=(number, start)) for number in range(BUYERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.faults:
            raise self.faults[0]

    def _buyer(self, number: int, start: float) -> None:
        time.sleep(max(0.0, start + SPREAD_S * number / BUYERS - time.perf_counter()))
        try:
            self._buy(number)
        except (AssertionError, OSError, LookupError) as fault:
            self.faults.append(fault)

    def _buy(self, number: int) -> None:
        browser, path = Browser(self.site.port), self.show.path
        self._ask(lambda: browser.get(path).expect(200))
        wish = {f"ticket-{self.show.free_type_id}": "1", "to": "checkout"}
        asked = time.perf_counter()
        put_in = self._ask(lambda: browser.post(f"{path}/cart/lines", wish))
        if put_in.expect(303, 409).status == 409:
            self.told.append(time.perf_counter() - asked)
        else:
            page = self._ask(lambda: browser.get(put_in.target).expect(200))
            typed = contact(page.text, f"Buyer Number{number}")
            self._ask(lambda: browser.post(f"{path}/checkout", typed).expect(303))
            with self.lock:
                self.won += 1
        browser.close()

    def _ask(self, request: Any) -> Any:
        begun = time.perf_counter()
        answer = request()
        self.answers.append(time.perf_counter() - begun)
        return answer


def fill_sale(app: Any) -> Filled:
    from swapmeet.infra.uow import transaction

    fill_show(app)
    with transaction() as db_session:
        return add_rush(db_session, "The sale opens", PLACES)


def fill_rich(app: Any) -> tuple[Filled, int]:
    """The show of all benchmarks, and in it a ticket with tax, bought with a code that makes it free; three questions."""
    from swapmeet.events.models import Event
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.uow import transaction
    from swapmeet.kernel.actor import Actor
    from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
    from swapmeet.orders.vouchers.models import Effect
    from swapmeet.questions.kinds import QuestionKind
    from swapmeet.questions.models import Scope
    from swapmeet.questions.services import add_question
    from swapmeet.questions.values import QuestionValues
    from tests.registration.build import ticket_type

    show = fill_show(app)
    with transaction() as db_session:
        event, by, now = db_session.get_one(Event, show.event_id), Actor.command("benchmark"), utcnow()
        event.taxes = {"ticket": {"name": "VAT", "basis_points": 1900, "is_added": True}}
        kind_id = ticket_type(db_session, event, "Taxed pass", price=5000, capacity=BIG).id
        code = VoucherValues(effect=Effect.PERCENT, value=100, uses=100_000, code=CODE)
        make_vouchers(db_session, event=event, values=code, by=by, now=now)
        for label in ("Which scale?", "Which club?", "How did you hear of us?"):
            values = QuestionValues(label, QuestionKind.TEXT, Scope.PERSON, is_required=True, product_ids=(kind_id,))
            add_question(db_session, event=event, values=values, by=by, now=now)
    return show, kind_id


def register_rich(browser: Browser, show: Filled, kind_id: int, name: str) -> None:
    browser.get(show.path).expect(200)
    chosen = {f"ticket-{kind_id}": "1", "to": "checkout", "code": CODE}
    put_in = browser.post(f"{show.path}/cart/lines", chosen).expect(303)
    page = browser.get(put_in.target).expect(200)
    assert "Which scale?" in page.text
    placed = browser.post(f"{show.path}/checkout", contact(page.text, name)).expect(303)
    assert "Confirmed" in browser.get(placed.target).expect(200).text


def cost(site: Site, work: Any) -> float:
    """CPU of the server a registration, ms."""
    load(site, work, units=WARM, clients=1)
    before = site.cpu()
    load(site, work, units=UNITS, clients=1, first=WARM)
    return (site.cpu() - before) / UNITS * 1000


def measure(database: str) -> list[Check]:
    with serve(database, fill_sale) as (site, show):
        sale = Sale(site, show)
        sale.run()
        sold = in_app(site.environ, lambda app: count_sold(show))
    with serve(database, fill_rich) as (site, (rich, kind_id)):

        def plain(number: int) -> None:
            browser = Browser(site.port)
            register(browser, rich, rich.free_type_id, f"Plain Number{number}")
            browser.close()

        def whole(number: int) -> None:
            browser = Browser(site.port)
            register_rich(browser, rich, kind_id, f"Rich Number{number}")
            browser.close()

        cheap, dear = cost(site, plain), cost(site, whole)
    return [
        Check(f"sold of {PLACES}, {database}", sold, at_least=PLACES, at_most=PLACES, digits=0),
        Check(f"all answers, s, p95, {database}", percentile(sale.answers, 95), at_most=TOLD_P95_S),
        Check(f"losers told, s, p95, {database}", percentile(sale.told, 95), at_most=TOLD_P95_S),
        Check(f"plain registration, CPU ms, {database}", cheap, digits=1),
        Check(f"with code, questions and tax, CPU ms, {database}", dear, digits=1),
        Check(f"ratio of the two, {database}", dear / cheap, at_most=RATIO),
    ]


def main() -> int:
    checks = [check for database in DATABASES for check in measure(database)]
    report_checks(f"{BUYERS:,} buyers in {SPREAD_S:.0f} s for {PLACES} places; load {foreign_load()}", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
