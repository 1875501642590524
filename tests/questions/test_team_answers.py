"""The team answers for people without e-mail; answers about health stay with the few who may see them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order
from swapmeet.questions.models import Answer, HealthAnswer
from tests import factories
from tests.questions.test_questions import K, answers, ask, buy_ticket, checkout, read
from tests.registration import build
from tests.support.forms import post


class Office:
    """An order of Gus, who said "No nuts"; arrival was asked until ten days before the show; and two of the team."""

    def __init__(self, client: Any, world: Any) -> None:
        show = world.show()
        by, purge_on = show.first_day - timedelta(days=10), show.last_day + timedelta(days=10)
        self.arrives = ask(world, "When do you arrive?", K.TIME, is_required=True, needed_by_on=by)
        self.color = ask(world, "Favorite color?", is_required=True)
        self.diet = ask(world, "A special diet?", is_health=True, purge_on=purge_on, is_required=True)
        buy_ticket(client, world)
        placed = checkout(client, world, **{f"p1_{self.color}": "Lilac", f"p1_{self.diet}": "No nuts"})
        self.buyers_page = placed.headers["Location"]
        self.order = f"/manage/shows/{world.slug}/orders/{self.buyers_page.split('/')[2]}"
        self.after = (by - show.first_day).days + 1
        for who, role in (("vic", "registrar"), ("ann", "moderator")):
            with transaction() as db_session:
                person = db_session.merge(world.people[who])
                factories.member(db_session, organizer=world.show().organizer, person=person, roles=[role])


@pytest.fixture
def office(client: Any, world: Any) -> Office:
    return Office(client, world)


def prefix(page: str) -> str:
    """What the fields of the first person begin with."""
    return re.search(r'name="(line-\d+-ask1-)\d+"', page)[1]  # type: ignore[index]


def test_the_team_answers_after_the_day_and_leaves_health_alone(
    office: Office, client: Any, world: Any, clock: Any
) -> None:
    clock.advance(days=(world.show().first_day - clock.now().date()).days - 2)
    registrar = world.client("vic")
    panel = read(registrar, office.order)
    assert "1 answer is still missing" in panel and f"{office.order}/answers" in panel
    assert "1 answer, not shown here" in panel and "No nuts" not in panel
    page = read(registrar, f"{office.order}/answers")
    begin = prefix(page)
    assert "Lilac" in page and "No nuts" not in page and f"{begin}{office.diet}" not in page
    assert "1 answer, not shown here" in page
    sent = {f"{begin}{office.arrives}": "10:15", f"{begin}{office.color}": "", f"{begin}{office.diet}": "Overwritten"}
    wrong = post(registrar, f"{office.order}/answers", {**sent, f"{begin}{office.arrives}": "soon"})
    assert wrong.status_code == 422 and 'value="soon"' in wrong.get_data(as_text=True)
    saved = post(registrar, f"{office.order}/answers", sent)
    assert saved.status_code == 303 and saved.headers["Location"] == office.order
    assert answers(Answer) == [(1, "When do you arrive?", "10:15")], "a gap may stay"
    assert answers(HealthAnswer) == [(1, "A special diet?", "No nuts")]
    entry = build.fresh(world).scalars(select(AuditEntry).where(AuditEntry.verb == "order.answered")).one()
    assert entry.actor_person_id == world.ids["vic"] and "10:15" not in str(entry.facts)
    assert "Questions answered" in read(registrar, office.order)


def test_who_may_see_health_changes_it_and_nobody_gets_round_it_by_the_buyers_page(
    office: Office, client: Any, world: Any
) -> None:
    owner, registrar = world.client("olga"), world.client("vic")
    page = read(owner, f"{office.order}/answers")
    assert "No nuts" in page
    begin = prefix(page)
    changed = {f"{begin}{office.color}": "Red", f"{begin}{office.diet}": "No milk"}
    assert post(owner, f"{office.order}/answers", changed).status_code == 303
    assert answers(HealthAnswer) == [(1, "A special diet?", "No milk")]
    assert office.buyers_page in read(registrar, office.order)
    seen = read(registrar, office.buyers_page) + read(registrar, f"{office.buyers_page}/answers")
    assert "Red" in seen and "No milk" not in seen and "not shown here" in seen
    post(
        registrar,
        f"{office.buyers_page}/answers",
        {f"{begin}{office.arrives}": "10:15", **changed, f"{begin}{office.diet}": "x"},
    )
    assert answers(HealthAnswer) == [(1, "A special diet?", "No milk")]
    assert "No milk" in read(client, office.buyers_page), "the buyer has a right to it"
    assert world.client("ann").get(f"{office.order}/answers").status_code == 403


def test_who_may_only_look_gets_no_key(office: Office, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from swapmeet.access import roles
    from swapmeet.access.permissions import Permission

    looks = roles.ROLE_PERMISSIONS[roles.Role.MODERATOR] | {Permission.ORDERS_VIEW}
    monkeypatch.setitem(roles.ROLE_PERMISSIONS, roles.Role.MODERATOR, looks)
    page = read(world.client("ann"), office.order)
    with transaction() as db_session:
        order = db_session.scalars(select(Order)).one()
        assert "Favorite color?" in page and str(order.link_key) not in page and f"{office.order}/answers" not in page
