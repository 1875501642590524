"""Short ways to apply for a table in tests: a show that takes applications, and vendors who send them."""

from datetime import datetime
from typing import Any

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import Application, SellingMode
from swapmeet.vendor_tables.applications.services import handling, writing
from swapmeet.vendor_tables.applications.services.moving import move
from swapmeet.vendor_tables.applications.services.writing import Written
from swapmeet.vendor_tables.applications.states import MOVES, ApplicationState, Mover
from swapmeet.vendor_tables.applications.wishes import load_wish_floor, read_wishes
from tests.support.forms import post as send_form
from tests.vendor_tables.floor import Floor

S = ApplicationState
# How a test brings an application into each state: the steps after it was sent.
PATHS: dict[ApplicationState, tuple[ApplicationState, ...]] = {
    S.SUBMITTED: (),
    S.IN_REVIEW: (S.IN_REVIEW,),
    S.CHANGES_REQUESTED: (S.IN_REVIEW, S.CHANGES_REQUESTED),
    S.WAITLISTED: (S.IN_REVIEW, S.WAITLISTED),
    S.OFFERED: (S.IN_REVIEW, S.OFFERED),
    S.DECLINED: (S.IN_REVIEW, S.DECLINED),
    S.LAPSED: (S.OFFERED, S.LAPSED),
    S.WITHDRAWN: (S.WITHDRAWN,),
    S.CONFIRMED: (S.OFFERED, S.CONFIRMED),
    S.CANCELED: (S.OFFERED, S.CONFIRMED, S.CANCELED),
    S.CHECKED_IN: (S.OFFERED, S.CONFIRMED, S.CHECKED_IN),
    S.DEPARTED: (S.OFFERED, S.CONFIRMED, S.CHECKED_IN, S.DEPARTED),
    S.NO_SHOW: (S.OFFERED, S.CONFIRMED, S.NO_SHOW),
}


class Applying:
    """The world's show takes applications. Rows are committed."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.world = floor, floor.world
        self.settings(mode=SellingMode.APPLICATION)

    def settings(self, **values: Any) -> None:
        with transaction() as db_session:
            handling.save_selling(
                db_session, event=self.world.show(), values=values, by=Actor.command("test"), now=utcnow()
            )

    def write(self, who: str = "vic", *, is_sent: bool = True, **values: Any) -> int:
        """A draft, or an application that is sent. `wishes`, `near` and `away` are what is typed."""
        with transaction() as db_session:
            wishes = [(f"wish_{rank}", text) for rank, text in enumerate(values.pop("wishes", ()), 1)]
            floor = load_wish_floor(db_session, event_id=self.world.event_id)
            near, away = values.pop("near", ()), values.pop("away", ())
            columns = {"name": f"{who.title()}’s Stall", "sells": "lamps", "table_count": 1, **values}
            columns.setdefault("sale_period_id", self.floor.period_id)
            deed = writing.send if is_sent else writing.save_draft
            return deed(
                db_session,
                event=self.world.show(),
                person_id=self.world.ids[who],
                written=Written(columns, read_wishes(wishes, floor), near, away),
                by=Actor.person(self.world.ids[who], who),
                now=utcnow(),
            ).id

    def bring(self, application_id: int, state: ApplicationState) -> int:
        """Take it from "sent" to a state by bare steps, without places."""
        with transaction() as db_session:
            row = db_session.get_one(Application, application_id)
            for target in PATHS[state]:
                mover = sorted(MOVES[row.state, target])[-1]
                move(
                    db_session,
                    application=row,
                    target=target,
                    mover=Mover(mover),
                    by=Actor.command("test"),
                    now=utcnow(),
                    expires_at=utcnow() if target is S.OFFERED else None,
                )
            return row.moves

    def row(self, application_id: int) -> Application:
        """Read anew."""
        db.session.rollback()
        return db.session.get_one(Application, application_id, populate_existing=True)

    def own(self, who: str = "vic") -> Application | None:
        db.session.rollback()
        return queries.find_own(db.session(), event_id=self.world.event_id, person_id=self.world.ids[who])

    def page(self, who: str | None = "vic", rest: str = "") -> str:
        text: str = self.world.client(who).get(f"/shows/{self.world.slug}/application{rest}").get_data(as_text=True)
        return text

    def post(self, rest: str, data: dict[str, Any], who: str = "vic") -> Any:
        return send_form(self.world.client(who), f"/shows/{self.world.slug}/application{rest}", data)

    def manage(self, rest: str, data: dict[str, Any], who: str = "olga") -> Any:
        return send_form(self.world.client(who), f"/manage/shows/{self.world.slug}/applications{rest}", data)

    def managed(self, rest: str = "", who: str = "olga") -> str:
        client = self.world.client(who)
        text: str = client.get(f"/manage/shows/{self.world.slug}/applications{rest}").get_data(as_text=True)
        return text


FULL: dict[str, Any] = {
    "name": "Tiny Works",
    "sells": "lamps in 1:12",
    "table_count": "2",
    "wish_1": "a02",
    "wish_2": "Row B",
    "power_amps": "3",
    "wants_corner": "y",
    "near": "Ann’s Stall",
    "away": "Tess’s Stall",
    "deed": "send",
    "key": "k" * 20,
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
