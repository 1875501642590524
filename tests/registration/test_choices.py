"""A meal by dish, a shirt by size: prices and limits of each choice, where it stands, and how many to cook."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import ImportReport, registry
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.doctor import quotas_off
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import VARIANT, Buyer, Wish
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import reprice
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.orders.vouchers.making import VoucherValues, make_vouchers
from swapmeet.orders.vouchers.models import Effect
from swapmeet.orders.waitlist.joining import Newcomer, Wanted, join
from swapmeet.orders.waitlist.models import WaitingEntry
from swapmeet.orders.waitlist.serving import serve
from swapmeet.registration.doctor import choices_mixed_up
from swapmeet.registration.importing import apply, check, copy
from swapmeet.registration.models import TicketType
from swapmeet.registration.paper import Guest, Paper, enter_form
from swapmeet.registration.queries import list_ticket_types
from swapmeet.registration.services import write_rule
from swapmeet.registration.values import RuleValues
from swapmeet.registration.variants import VariantValues, count_choices, save_variants, variants_of
from tests import factories
from tests.registration import build
from tests.support.forms import post, token_of

BY = Actor.command("test")


@pytest.fixture
def dinner(world: Any) -> tuple[int, dict[str, int]]:
    """A banquet for 30.00: beef (two of it), vegan for 25.00. Its id, and those of the dishes by name."""
    with transaction() as db_session:
        kind = build.ticket_type(db_session, world.show(), "Banquet", price=3000, is_admission=False)
        wanted = [VariantValues("Beef", capacity=2), VariantValues("Vegan", 2500)]
        save_variants(db_session, event=world.show(), kind=kind, wanted=wanted, by=BY, now=utcnow())
        rows = variants_of(db_session, event_id=world.event_id, type_ids=[kind.id])[kind.id]
        return kind.id, {row.name: row.id for row in rows}


def cart_of(db_session: Any, event: Event, type_id: int, variant_id: int | None, count: int = 1) -> Any:
    cart = open_cart(db_session, event=event, person_id=None, cart_key=build.link_key(), now=utcnow())
    choice = {VARIANT: variant_id} if variant_id is not None else {}
    wishes, buyer = [Wish("ticket", type_id, count, choice)], Buyer(None, order=cart)
    add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=BY, now=utcnow())
    return cart


def test_a_choice_has_its_own_price_and_limit(world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    with transaction() as db_session:
        show = world.show()
        beef = cart_of(db_session, show, type_id, dishes["Beef"])
        (line,) = list_live_lines(db_session, beef)
        assert (line.title, line.unit_minor) == ("Banquet: Beef", 3000)
        more = {"event": show, "cart": beef, "buyer": Buyer(None, order=beef), "by": BY, "now": utcnow()}
        assert change_quantity(db_session, line_id=line.id, quantity=2, **more) is None
        assert beef.total_minor == 6000
        (line,) = list_live_lines(db_session, cart_of(db_session, show, type_id, dishes["Vegan"]))
        assert (line.title, line.unit_minor) == ("Banquet: Vegan", 2500)
        for variant_id, refusal in ((dishes["Beef"], SoldOut), (None, Invalid), (999, Invalid)):
            with pytest.raises(refusal), db_session.begin_nested():
                cart_of(db_session, show, type_id, variant_id)
        assert choices_mixed_up(db_session, utcnow()) == []


def test_what_is_in_a_cart_stays_when_its_choice_is_taken_off(world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    with transaction() as db_session:
        show = world.show()
        cart = cart_of(db_session, show, type_id, dishes["Vegan"])
        kind, given = db_session.get_one(TicketType, type_id), {"event": show, "by": BY, "now": utcnow()}
        save_variants(db_session, kind=kind, wanted=[VariantValues("Beef")], **given)
        reprice(db_session, event=show, cart=cart, lines=list_live_lines(db_session, cart), now=utcnow())
        assert cart.total_minor == 2500
        with pytest.raises(Invalid), db_session.begin_nested():
            cart_of(db_session, show, type_id, dishes["Vegan"])
        save_variants(db_session, kind=kind, wanted=[VariantValues("vegan", 2000)], **given)
        (row,) = variants_of(db_session, event_id=show.id)[type_id]
        assert (row.id, row.price_minor) == (dishes["Vegan"], 2000)


def test_the_buyer_chooses_on_the_page_and_the_kitchen_counts(client: Any, world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    slug = world.slug
    page = client.get(f"/shows/{slug}").get_data(as_text=True)
    assert f'name="ticket-{type_id}-{dishes["Beef"]}"' in page and "from $25.00" in page and "2 left" in page
    token = token_of(client, f"/shows/{slug}/cart")
    wanted = {f"ticket-{type_id}-{dishes['Beef']}": "1", f"ticket-{type_id}-{dishes['Vegan']}": "2"}
    data = {**wanted, "key": "k" * 32, "csrf_token": token}
    assert client.post(f"/shows/{slug}/cart/lines", data=data).status_code == 303
    cart = client.get(f"/shows/{slug}/cart").get_data(as_text=True)
    assert "Banquet: Beef" in cart and "Banquet: Vegan" in cart and "$80.00" in cart
    with transaction() as db_session:
        guests = [Guest(type_id, "", variant_id=dishes[name]) for name in ("Beef", "Vegan")]
        paper = Paper("Wanda Wilde", "", "", "", guests, build.PayMethod.CHECK)
        order = enter_form(db_session, event=world.show(), paper=paper, by=BY, now=utcnow())
        assert (order.state, order.total_minor) == (OrderState.PLACED, 5500)
        (count,) = count_choices(db_session, world.show(), [db_session.get_one(TicketType, type_id)])
        assert [(row.name, row.paid, row.waiting) for row in count.choices] == [("Beef", 0, 1), ("Vegan", 0, 1)]
        build.pay(db_session, order)
    team = world.client("olga")
    assert "Banquet" in team.get(f"/manage/shows/{slug}/tickets/choices").get_data(as_text=True)
    rows = team.get(f"/manage/shows/{slug}/tickets/choices.csv").get_data(as_text=True)
    assert "Banquet,,Beef,1,0,1,2" in rows
    assert "Banquet: Beef" in team.get(f"/manage/shows/{slug}/posted-forms").get_data(as_text=True)
    seen = re.findall(
        r'<th scope="row">Banquet: (\w+)</th>\s*<td[^>]*>([^<]*)<', team.get(f"/manage/shows/{slug}/prices").text
    )
    assert seen == [("Beef", "$30.00"), ("Vegan", "$25.00")]
    assert "1 x Banquet: Beef; 1 x Banquet: Vegan" in team.get(f"/manage/shows/{slug}/orders.csv").get_data(
        as_text=True
    )


def test_the_organizer_names_the_choices(world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    client, url = world.client("olga"), f"/manage/shows/{world.slug}/tickets/{type_id}/choices"
    assert 'value="Vegan"' in client.get(url).get_data(as_text=True)
    good = {
        "choice_0_id": str(dishes["Vegan"]),
        "choice_0_name": "Mushroom",
        "choice_0_price": "26",
        "choice_1_name": "Fish",
    }
    assert post(client, url, good).status_code == 303
    end_reading()
    rows = variants_of(db.session(), event_id=world.event_id)[type_id]
    assert [(row.name, row.price_minor) for row in rows] == [("Mushroom", 2600), ("Fish", None)]
    for fault, words in (
        ({"choice_1_name": "mushroom"}, "there twice"),
        ({"choice_1_name": "", "choice_1_price": "3"}, "Write what this choice is"),
        ({"choice_1_name": "Beef", "choice_0_name": "Beef"}, "there twice"),
        ({"choice_0_name": "Beef"}, "is or was another choice"),
        ({"choice_1_capacity": "-1"}, "Write a whole number"),
    ):
        answer = post(client, url, {**good, **fault})
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), words


def test_a_limit_below_what_is_taken_is_named_at_its_field(world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    with transaction() as db_session:
        cart_of(db_session, world.show(), type_id, dishes["Vegan"], 2)
    url = f"/manage/shows/{world.slug}/tickets/{type_id}/choices"
    rows = {"choice_0_name": "Beef", "choice_2_name": "Vegan", "choice_2_capacity": "1"}
    page = post(world.client("olga"), url, rows).get_data(as_text=True)
    assert 'id="choice_2_capacity-error"' in page and "cannot go down to 1" in page


def test_what_is_sold_by_choice_has_no_amount_of_the_buyers(world: Any, dinner: Any) -> None:
    with transaction() as db_session:
        kind, known = db_session.get_one(TicketType, dinner[0]), list_ticket_types(db_session, event_id=world.event_id)
        with pytest.raises(Invalid, match="by choice"):
            write_rule(db_session, kind=kind, known=known, values=RuleValues(is_open_price=True), has_steps=False)


def test_a_code_opens_each_choice(client: Any, world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    with transaction() as db_session:
        db_session.get_one(TicketType, type_id).is_hidden = True
        half = VoucherValues(Effect.PERCENT, 50, code="CHEF", scope_kind="ticket", scope_id=type_id, opens_hidden=True)
        make_vouchers(db_session, event=world.show(), values=half, by=BY, now=utcnow())
    page = client.get(f"/shows/{world.slug}/code?code=CHEF").get_data(as_text=True)
    vegan = f"ticket-{type_id}-{dishes['Vegan']}"
    assert f'name="{vegan}"' in page and "$12.50" in page and f'name="ticket-{type_id}"' not in page
    assert post(client, f"/shows/{world.slug}/cart/lines", {vegan: "1", "code": "CHEF"}).status_code == 303
    cart = client.get(f"/shows/{world.slug}/cart").get_data(as_text=True)
    assert "Banquet: Vegan" in cart and "$12.50" in cart


def test_a_canceled_order_gives_its_choice_back_and_leaves_the_count(world: Any, dinner: Any) -> None:
    type_id, dishes = dinner
    with transaction() as db_session:
        show = world.show()
        order = enter_form(db_session, event=show, paper=two_beef(type_id, dishes["Beef"]), by=BY, now=utcnow())
        build.pay(db_session, order)
        given: dict[str, Any] = {"event": show, "order": order, "now": utcnow(), "full_refund": True}
        back = preview_cancellation(db_session, **given).back_minor
        cancel_order(db_session, **given, seen_back_minor=back, reason="ill", by=BY)
        assert count_choices(db_session, show, [db_session.get_one(TicketType, type_id)])[0].paid == 0
        cart_of(db_session, show, type_id, dishes["Beef"], 2)
        assert quotas_off(db_session, utcnow()) == []


def test_what_was_sold_before_there_were_choices_is_counted_too(world: Any) -> None:
    with transaction() as db_session:
        show = world.show()
        kind = build.ticket_type(db_session, show, "Supper", price=900)
        build.buy(db_session, show, {kind.id: 2}, names=["Ann", "Bo"])
        save_variants(db_session, event=show, kind=kind, wanted=[VariantValues("Soup")], by=BY, now=utcnow())
        (count,) = count_choices(db_session, show, [kind])
        assert [(row.name, row.paid, row.waiting) for row in count.choices] == [
            ("Soup", 0, 0),
            ("No choice named", 2, 0),
        ]


def test_no_choices_while_people_wait_for_it_as_it_is(world: Any) -> None:
    with transaction() as db_session:
        show = world.show()
        kind = build.ticket_type(db_session, show, "Supper", price=900, capacity=1)
        build.buy(db_session, show, {kind.id: 1}, names=["Ann"])
        who = Newcomer("Bo", "bo@example.org", is_mailed=False)
        (thing,) = registry().sellables["ticket"].waitables(db_session, event=show, now=utcnow())
        item = Wanted(thing, 1, "")
        join(db_session, event=show, who=who, wanted=[item], by=BY, now=utcnow())
        with pytest.raises(Invalid, match="1 entry is for Supper"):
            save_variants(db_session, event=show, kind=kind, wanted=[VariantValues("Soup")], by=BY, now=utcnow())


def test_a_dish_that_is_gone_has_its_own_line_and_others_stay_on_sale(client: Any, world: Any, dinner: Any) -> None:
    kind_id, dishes = dinner
    with transaction() as db_session:
        code = enter_form(
            db_session, event=world.show(), paper=two_beef(kind_id, dishes["Beef"]), by=BY, now=utcnow()
        ).code
    card = client.get(f"/shows/{world.slug}").get_data(as_text=True)
    field = f"ticket-{kind_id}-{dishes['Beef']}"
    assert f"waiting-list?{field}=1" in card and f'name="ticket-{kind_id}-{dishes["Vegan"]}"' in card
    page = f"/shows/{world.slug}/waiting-list?{field}=1"
    assert "Banquet: Beef" in client.get(page).get_data(as_text=True)
    wanted = {field: "1", "name": "Bo", "email": "bo@example.org", "rule": "whole"}
    assert post(client, page, wanted).status_code == 303
    vegan = {f"ticket-{kind_id}-{dishes['Vegan']}": "1", "key": "v" * 32}
    assert post(world.client(), f"/shows/{world.slug}/cart/lines", vegan).status_code == 303
    with transaction() as db_session:
        kind = db_session.get_one(TicketType, kind_id)
        with pytest.raises(Invalid, match="1 entry is for Banquet: Beef"):
            save_variants(
                db_session, event=world.show(), kind=kind, wanted=[VariantValues("Vegan")], by=BY, now=utcnow()
            )
    with transaction() as db_session:
        order = db_session.scalars(select(Order).where(Order.code == code)).one()
        preview = preview_cancellation(db_session, event=world.show(), order=order, now=utcnow())
        given = {"seen_back_minor": preview.back_minor, "reason": "", "by": BY, "now": utcnow()}
        cancel_order(db_session, event=world.show(), order=order, **given)
    with transaction() as db_session:
        assert serve(db_session, event=world.show(), now=utcnow()) == 1
    with transaction() as db_session:
        entry = db_session.scalars(select(WaitingEntry)).one()
        (line,) = list_live_lines(db_session, db_session.get_one(Order, entry.offer_order_id))
        assert (line.title, line.facts[VARIANT]) == ("Banquet: Beef", dishes["Beef"])


def two_beef(type_id: int, beef: int) -> Paper:
    guests = [Guest(type_id, "", variant_id=beef) for _ in range(2)]
    return Paper("Wanda Wilde", "", "", "", guests, build.PayMethod.CHECK)


def test_files_and_clones_carry_the_choices(world: Any) -> None:
    rows = [{"name": "S"}, {"name": "XL", "price": 2000, "capacity": 5}]
    show = {"days": [0], "ticket_types": [{"code": "shirt", "name": "T-shirt", "price": 1500, "variants": rows}]}
    with transaction() as db_session:
        for _ in range(2):
            apply(db_session, world.show(), show, utcnow())
        target = factories.event(db_session, organizer=world.organizer, name="Next Year")
        copy(db_session, world.show(), target, 364, utcnow())
        (found,) = variants_of(db_session, event_id=target.id).values()
        assert [(each.name, each.price_minor, each.quota.capacity) for each in found] == [
            ("S", None, None),
            ("XL", 2000, 5),
        ]
    for wrong in (
        [{"name": ""}],
        [*rows, {"name": "xl"}],
        [{"name": "M", "price": -1}],
        [{"name": "M", "capacity": "x"}],
        {"name": "M"},
        5,
    ):
        report = ImportReport()
        check({**show, "ticket_types": [{**show["ticket_types"][0], "variants": wrong}]}, report)
        assert report.problems, wrong
