"""Questions of a show: asked at checkout, answered later, counted, kept apart where they are about health."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from swapmeet.accounts.models import Person
from swapmeet.badges.holding import find_held
from swapmeet.badges.models import Attendee
from swapmeet.events.services.cloning import CloneWish, clone_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order
from swapmeet.questions import doctor
from swapmeet.questions.errors import BadQuestion, QuestionFixed
from swapmeet.questions.kinds import QuestionKind
from swapmeet.questions.models import Answer, HealthAnswer, Question, Scope
from swapmeet.questions.personal import AnswersData
from swapmeet.questions.services import (
    add_question,
    archive_question,
    edit_question,
    move_question,
    purge_health,
    restore_question,
)
from swapmeet.questions.values import QuestionValues
from swapmeet.registration.passing import offer_ticket, take_ticket
from tests.registration import build
from tests.support.forgetting import forget
from tests.support.forms import post

BY = Actor.person(1)
K = QuestionKind


def ask(world: Any, label: str, kind: QuestionKind = K.TEXT, scope: Scope = Scope.PERSON, **more: Any) -> int:
    with transaction() as db_session:
        values = QuestionValues(label, kind, scope, **more)
        question = add_question(db_session, event=world.show(), values=values, by=BY, now=utcnow())
        return int(question.id)


def buy_ticket(client: Any, world: Any, count: int = 1, price: int = 0) -> int:
    """Puts tickets of a new type into the client's cart. Returns the id of the type."""
    with transaction() as db_session:
        kind_id = int(build.ticket_type(db_session, world.show(), price=price).id)
    answer = post(client, f"/shows/{world.slug}/cart/lines", {f"ticket-{kind_id}": count, "key": "k" * 32})
    assert answer.status_code == 303
    return kind_id


def checkout(client: Any, world: Any, **answers: Any) -> Any:
    """Posts the checkout with names filled in. Keys such as `p1_5` answer question 5 for the first person, `o_6` for the order."""
    html = client.get(f"/shows/{world.slug}/checkout").get_data(as_text=True)
    line = re.search(r'name="line-(\d+)-name-1"', html)[1]  # type: ignore[index]
    data = {name: f"Person {n}" for n, name in enumerate(re.findall(r'name="(line-\d+-name-\d+)"', html), 1)}
    data |= {"buyer_name": "Gus Guest", "buyer_email": "gus@example.org", "key": "z" * 32, "seen_total": "0"}
    for key, value in answers.items():
        who, number = key.split("_")
        name = f"ask-{number}" if who == "o" else f"line-{line}-ask{who[1:]}-{number}"
        data[name] = value
    return post(client, f"/shows/{world.slug}/checkout", data)


def read(client: Any, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def answers(model: Any = Answer) -> list[tuple[int, str, Any]]:
    db.session.rollback()
    rows = db.session.execute(
        select(model.seat, Question.label, model.value).join(Question, Question.id == model.question_id)
    )
    return sorted((seat, label, value) for seat, label, value in rows)


def test_what_is_missing_is_named_at_its_field_and_what_was_answered_is_kept_with_the_order(
    client: Any, world: Any
) -> None:
    scale = ask(world, "Which scale?", K.ONE_OF, options=("1:12", "1:24"), is_required=True)
    wares = ask(world, "What do you look for?", K.SEVERAL_OF, options=("Dolls", "Chairs", "Lamps"))
    comes = ask(world, "Do you come by car?", K.YES_NO, Scope.ORDER)
    plate = ask(world, "Number plate?", K.TEXT, Scope.ORDER, is_required=True, depends_on_id=comes, depends_value="yes")
    buy_ticket(client, world, 2)
    given = {f"p1_{scale}": "1:24", f"p1_{wares}": ["Lamps", "Dolls"], f"o_{comes}": "yes"}
    refused = checkout(client, world, **given)
    html = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Please choose one." in html, "the second person has no scale"
    assert "Please answer this." in html, "who comes by car has a number plate"
    assert re.search(r'value="Lamps"[^>]*checked|checked[^>]*value="Lamps"', html), "what was ticked stays ticked"
    by_train = {**given, f"p2_{scale}": "1:12", f"o_{comes}": "no", f"o_{plate}": "ABC"}
    placed = checkout(client, world, **by_train)
    assert placed.status_code == 303
    assert answers() == [
        (0, "Do you come by car?", False),
        (1, "What do you look for?", ["Dolls", "Lamps"]),
        (1, "Which scale?", "1:24"),
        (2, "Which scale?", "1:12"),
    ], "the plate was not asked, so it is not kept"
    page = read(client, placed.headers["Location"])
    assert "Dolls, Lamps" in page
    code = placed.headers["Location"].split("/")[2]
    assert "Dolls, Lamps" in read(world.client("olga"), f"/manage/shows/{world.slug}/orders/{code}")
    assert doctor.answers_of_other_orders(world.session, utcnow()) == []


def test_what_is_needed_only_later_is_answered_on_the_page_of_the_order(client: Any, world: Any, clock: Any) -> None:
    by = world.show().first_day - timedelta(days=10)
    arrives = ask(world, "When do you arrive?", K.TIME, Scope.ORDER, is_required=True, needed_by_on=by)
    buy_ticket(client, world)
    placed = checkout(client, world)
    assert placed.status_code == 303
    url = placed.headers["Location"]
    assert "1 answer is still missing" in read(client, url)
    assert post(client, f"{url}/answers", {f"ask-{arrives}": "noon"}).status_code == 422
    assert post(client, f"{url}/answers", {f"ask-{arrives}": "10:15"}).status_code == 303
    page = read(client, url)
    assert "10:15" in page
    assert "still missing" not in page
    clock.advance(days=(by - clock.now().date()).days + 2)
    late = read(client, f"{url}/answers")
    assert f'name="ask-{arrives}"' not in late
    assert "10:15" in late
    post(client, f"{url}/answers", {f"ask-{arrives}": "11:00"})
    assert answers() == [(0, "When do you arrive?", "10:15")]


def test_answers_about_health_are_counted_and_named_to_few_only(client: Any, world: Any) -> None:
    purge_on = world.show().last_day + timedelta(days=10)
    diet = ask(world, "A special diet?", K.ONE_OF, options=("Vegan", "No nuts"), is_health=True, purge_on=purge_on)
    color = ask(world, "Favorite color?")
    buy_ticket(client, world)
    placed = checkout(client, world, **{f"p1_{diet}": "No nuts", f"p1_{color}": "Lilac"})
    url, base = placed.headers["Location"], f"/manage/shows/{world.slug}"
    assert answers(Answer) == [(1, "Favorite color?", "Lilac")]
    assert answers(HealthAnswer) == [(1, "A special diet?", "No nuts")]
    assert "No nuts" in read(client, url), "the buyer sees what was said"
    trudy, olga = world.client("trudy"), world.client("olga")
    tally = read(trudy, f"{base}/questions/answers")
    assert "No nuts" in tally
    assert "Person 1" not in tally
    assert trudy.get(f"{base}/questions/{diet}/health").status_code == 403
    assert trudy.get(f"{base}/questions/{diet}/answers").status_code == 404, "not by the other address either"
    assert "Person 1" in read(olga, f"{base}/questions/{diet}/health")
    assert "Lilac" in read(trudy, f"{base}/questions/{color}/answers")
    order = read(olga, f"{base}/orders/{url.split('/')[2]}")
    assert "Lilac" in order
    assert "No nuts" not in order
    files = read(trudy, f"{base}/attendees.csv") + read(trudy, f"{base}/orders.csv")
    assert "Lilac" in files
    assert "No nuts" not in files
    assert doctor.health_in_the_open(world.session, utcnow()) == []


def test_answers_about_health_are_deleted_when_their_day_is_over(client: Any, world: Any, clock: Any) -> None:
    purge_on = world.show().last_day + timedelta(days=10)
    diet = ask(world, "A special diet?", is_health=True, purge_on=purge_on)
    buy_ticket(client, world)
    checkout(client, world, **{f"p1_{diet}": "No nuts"})
    clock.advance(days=(purge_on - clock.now().date()).days)
    with transaction() as db_session:
        purge_health(db_session, now=utcnow())
    assert len(answers(HealthAnswer)) == 1, "its last day"
    clock.advance(days=5)
    assert len(doctor.health_in_the_open(world.session, utcnow())) == 1
    with transaction() as db_session:
        purge_health(db_session, now=utcnow())
    assert answers(HealthAnswer) == []


def test_a_question_that_was_answered_keeps_its_meaning(client: Any, world: Any) -> None:
    scale = ask(world, "Which scale?", K.ONE_OF, options=("1:12", "1:24"))
    buy_ticket(client, world)
    checkout(client, world, **{f"p1_{scale}": "1:24"})
    good = {"label": "Which scale?", "kind": "one_of", "scope": "person", "options": "1:24\n1:12\n1:48"}
    page = f"/manage/shows/{world.slug}/questions/{scale}"
    olga = world.client("olga")
    for change in ({"label": "Which age?"}, {"kind": "text"}, {"scope": "order"}, {"options": "1:12\n1:48"}):
        refused = post(olga, page, {**good, **change})
        assert refused.status_code == 422, change
        assert "has answers already" in refused.get_data(as_text=True)
    assert post(olga, page, {**good, "help": "The usual one"}).status_code == 303
    assert world.session.get_one(Question, scale).options == ["1:24", "1:12", "1:48"]


def test_the_form_names_each_fault_at_its_field(world: Any) -> None:
    page, olga = f"/manage/shows/{world.slug}/questions/new", world.client("olga")
    good = {"label": "Diet?", "kind": "one_of", "scope": "person", "options": "a\nb"}
    last = world.show().last_day
    for change, words in (
        ({"label": " "}, "Write the question."),
        ({"options": "a\na"}, "at least two different answers"),
        ({"kind": "agreement"}, "Write the statement"),
        ({"is_health": "y"}, "Choose the day after which"),
        ({"is_health": "y", "purge_on": (last - timedelta(days=1)).isoformat()}, "from the end of the show"),
        ({"needed_by_on": last.isoformat()}, "Tick this too"),
        ({"condition": "99:yes"}, "Choose an earlier question"),
        ({"kind": "nonsense"}, "Not a valid choice"),
    ):
        refused = post(olga, page, {**good, **change})
        assert refused.status_code == 422, change
        assert words in refused.get_data(as_text=True), change
    assert post(olga, page, good).status_code == 303
    build.fresh(world)
    assert world.show().asks_questions
    listed = read(olga, f"/manage/shows/{world.slug}/questions")
    assert "Diet?" in listed


def test_what_depends_on_each_other_stays_in_order(world: Any) -> None:
    eats = ask(world, "Do you eat with us?", K.YES_NO)
    other = ask(world, "Which scale?")
    what = ask(world, "What?", depends_on_id=eats, depends_value="yes")
    with transaction() as db_session:
        event, get = world.show(), db_session.get_one
        about: dict[str, Any] = {"event": event, "by": BY, "now": utcnow()}
        move_question(db_session, question=get(Question, what), step=-1, **about)
        with pytest.raises(BadQuestion, match="belong together"):
            move_question(db_session, question=get(Question, what), step=-1, **about)
        with pytest.raises(BadQuestion, match="depends on"):
            archive_question(db_session, question=get(Question, eats), **about)
        with pytest.raises(BadQuestion, match="Change that one first"):
            edit_question(
                db_session, question=get(Question, eats), values=QuestionValues("Eat?", K.TEXT, Scope.PERSON), **about
            )
        archive_question(db_session, question=get(Question, what), **about)
        archive_question(db_session, question=get(Question, eats), **about)
        with pytest.raises(BadQuestion, match="switched off"):
            restore_question(db_session, question=get(Question, what), **about)
        archive_question(db_session, question=get(Question, other), **about)
        assert not event.asks_questions
        restore_question(db_session, question=get(Question, eats), **about)
        assert event.asks_questions
    assert doctor.shows_that_forget_to_ask(world.session, utcnow()) == []


def test_the_database_refuses_what_must_not_be(world: Any) -> None:
    diet = ask(world, "Diet?")
    for change in (
        "is_health = true",
        "needed_by_on = '2027-01-01'",
        "depends_value = 'yes'",
        f"depends_on_id = {diet}",
    ):
        with pytest.raises(IntegrityError), transaction() as db_session:
            db_session.execute(text(f"UPDATE question SET {change}"))


def test_answers_outlive_a_hold_that_ran_out(client: Any, world: Any, clock: Any) -> None:
    wares = ask(world, "What do you look for?", K.SEVERAL_OF, options=("Dolls", "Chairs", "Lamps"))
    comes = ask(world, "Do you come by car?", K.YES_NO, Scope.ORDER)
    buy_ticket(client, world)
    html = read(client, f"/shows/{world.slug}/checkout")
    line = re.search(r'name="line-(\d+)-name-1"', html)[1]  # type: ignore[index]
    clock.advance(minutes=60)
    typed = {f"line-{line}-ask1-{wares}": ["Dolls", "Lamps"], f"ask-{comes}": "yes", f"line-{line}-name-1": "Gus"}
    late = post(client, f"/shows/{world.slug}/checkout", {**typed, "buyer_name": "Gus", "key": "y" * 32})
    assert late.status_code == 409
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', late.get_data(as_text=True))
    assert (f"line-{line}-ask1-{wares}", "Lamps") in hidden
    again: dict[str, Any] = {}
    for name, value in hidden:
        again.setdefault(name, []).append(value)
    renewed = post(client, f"/shows/{world.slug}/checkout", again).get_data(as_text=True)
    for value in ("Dolls", "Lamps"):
        assert re.search(rf'value="{value}"[^>]*checked|checked[^>]*value="{value}"', renewed), value


def test_ones_own_answers_are_taken_along_and_erased(world: Any) -> None:
    diet = ask(world, "Diet?", is_health=True, purge_on=world.show().last_day)
    color = ask(world, "Color?")
    comes = ask(world, "By car?", K.YES_NO, Scope.ORDER)
    client = world.client("ann")
    buy_ticket(client, world, 2)
    with transaction() as db_session:
        db_session.execute(update(Person).where(Person.id == world.ids["ann"]).values(name="Person 1"))
    given = {f"p1_{diet}": "No nuts", f"p1_{color}": "Lilac", f"p2_{color}": "Green", f"o_{comes}": "no"}
    assert checkout(client, world, **given).status_code == 303
    with transaction() as db_session:
        taken = AnswersData().export(db_session, person_id=world.ids["ann"])
        assert {each["answer"] for each in taken} == {"No nuts", "Lilac", "Green", "no"}
        forget(db_session, world.ids["ann"])
    assert answers(HealthAnswer) == []
    assert answers(Answer) == [(2, "Color?", "Green")], "a guest is somebody else"


def test_a_clone_asks_the_same(world: Any) -> None:
    with transaction() as db_session:
        kind_id = int(build.ticket_type(db_session, world.show(), "Weekend pass").id)
    last = world.show().last_day
    eats = ask(world, "Eat?", K.YES_NO, is_health=True, purge_on=last, product_ids=(kind_id,))
    ask(world, "What?", is_health=True, purge_on=last, depends_on_id=eats, depends_value="yes")
    with transaction() as db_session:
        source = world.show()
        wish = CloneWish(name="Next year", first_day=source.first_day + timedelta(days=364))
        target = clone_event(db_session, source=source, wish=wish, by=BY, now=utcnow())
        rows = list(db_session.scalars(select(Question).where(Question.event_id == target.id).order_by(Question.id)))
        assert [row.label for row in rows] == ["Eat?", "What?"]
        assert rows[1].depends_on_id == rows[0].id
        assert rows[0].purge_on == last + timedelta(days=364)
        assert rows[0].product_ids not in ([], [kind_id])
        assert target.asks_questions


def test_a_question_for_one_ticket_is_asked_with_it_only(client: Any, world: Any) -> None:
    kind_id = buy_ticket(client, world)
    mine = ask(world, "For holders of this", product_ids=(kind_id,))
    ask(world, "For holders of another", product_ids=(kind_id + 1,))
    html = read(client, f"/shows/{world.slug}/checkout")
    assert "For holders of this" in html
    assert "For holders of another" not in html
    assert checkout(client, world, **{f"p1_{mine}": "x"}).status_code == 303


def test_service_refuses_to_change_the_meaning(client: Any, world: Any) -> None:
    color = ask(world, "Color?")
    buy_ticket(client, world)
    checkout(client, world, **{f"p1_{color}": "Lilac"})
    with transaction() as db_session, pytest.raises(QuestionFixed):
        question = db_session.get_one(Question, color)
        values = QuestionValues("Shape?", K.TEXT, Scope.PERSON)
        edit_question(db_session, event=world.show(), question=question, values=values, by=BY, now=utcnow())
    assert world.session.scalar(select(Order.id)) is not None


def test_the_holder_of_a_ticket_answers_for_themselves_and_a_new_one_anew(client: Any, world: Any) -> None:
    color = ask(world, "Favorite color?")
    ask(world, "By car?", K.YES_NO, Scope.ORDER)
    buy_ticket(client, world, 2)
    placed = checkout(client, world, **{f"p1_{color}": "Lilac", f"p2_{color}": "Green"})
    with transaction() as db_session:
        people = db_session.scalars(select(Attendee).order_by(Attendee.seat)).all()
        held = find_held(db_session, attendee_id=people[1].id)
        assert held is not None
        own = f"/tickets/{held.badge.id}/{held.key}"
        name = f"line-{held.line.id}-ask2-{color}"
        seats = [each.id for each in people]
    page = read(client, own)
    assert "Green" in page
    assert "Lilac" not in page, "of somebody else"
    assert "By car?" not in read(client, f"{own}/answers")
    assert post(client, f"{own}/answers", {name: "Blue"}).status_code == 303
    assert answers() == [(1, "Favorite color?", "Lilac"), (2, "Favorite color?", "Blue")]
    with transaction() as db_session:
        found = find_held(db_session, attendee_id=seats[1])
        assert found is not None
        transfer = offer_ticket(db_session, held=found, by=BY, now=utcnow())
        about: dict[str, Any] = {"name": "Cy", "email": "", "person_id": None, "is_mailed": False}
        take_ticket(db_session, transfer=transfer, by=BY, now=utcnow(), **about)
    assert answers() == [(1, "Favorite color?", "Lilac")]
    assert client.get(f"{own}/answers").status_code == 404
    assert "Lilac" in read(client, placed.headers["Location"])


def test_who_sits_with_whom_stands_by_party(client: Any, world: Any) -> None:
    party = ask(world, "With whom do you sit?")
    buy_ticket(client, world, 2)
    assert checkout(client, world, **{f"p1_{party}": "Tiny Doors", f"p2_{party}": "tiny doors"}).status_code == 303
    olga, url = world.client("olga"), f"/manage/shows/{world.slug}/questions/{party}/answers"
    assert "Grouped by answer" in read(olga, url)
    page = read(olga, f"{url}?by=answer")
    assert "2 people in 1 group" in page and "Tiny Doors" in page and "Person 2" in page
