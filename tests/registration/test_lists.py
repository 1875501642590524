"""Lists of people become orders: each wrong row is told with its reason, all or the good ones are taken, and nothing twice."""

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee, Badge
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.models import Order, OrderState, Payment, Quota
from swapmeet.registration.lists import doctor, services
from swapmeet.registration.lists.columns import find_columns
from swapmeet.registration.lists.models import ListState, OrderList, OrderListFault
from swapmeet.registration.lists.table import Unreadable, read_table, row_ranges
from swapmeet.registration.models import TicketAge, TicketRule
from swapmeet.registration.variants import VariantValues, save_variants
from tests.registration import build
from tests.support.forms import post

HEAD = "key;order;name;email;ticket;choice;age;price;paid;paid by;reference;paid on;shoe size\n"


class Desk:
    """Weekend pass for 24.00 (three left), Parking for 5.00, a shirt in two sizes, a child's ticket up to 12."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.url = f"/manage/shows/{world.slug}/order-lists"
        with transaction() as db_session:
            event, now = world.show(), utcnow()
            self.weekend = build.ticket_type(db_session, event, capacity=3).quota_id
            build.ticket_type(db_session, event, "Parking", price=500, is_admission=False)
            shirt = build.ticket_type(db_session, event, "Shirt", price=1500, is_admission=False)
            sizes = [VariantValues("M"), VariantValues("XXL", 1800)]
            by = build.GUEST
            save_variants(db_session, event=event, kind=shirt, wanted=sizes, by=by, now=now)
            child = build.ticket_type(db_session, event, "Child", price=800)
            db_session.add(TicketAge(ticket_type_id=child.id, event_id=event.id, max_age=12, guardian_below=10))
        self.client = world.client("olga")

    def send(self, text: str | bytes, name: str = "people.csv", client: Any = None, **typed: str) -> Any:
        content = text.encode() if isinstance(text, str) else text
        data = {"file": (io.BytesIO(content), name), "method": "transfer", **typed}
        return post(client or self.client, self.url, data, content_type="multipart/form-data")

    def checked(self, text: str | bytes, client: Any = None) -> OrderList:
        """The list after its job has read it."""
        self.work(self.send(text, client=client))
        return self.last()

    def work(self, answer: Any = None) -> None:
        """Do the jobs of lists, here in this process."""
        from swapmeet.infra.jobs import claim, run_claim
        from swapmeet.registration.lists.jobs import HANDLERS

        while True:
            with transaction() as db_session:
                found = claim(db_session, now=utcnow(), kinds=list(HANDLERS))
            if found is None:
                return
            run_claim(HANDLERS[found.kind], found)

    def last(self) -> OrderList:
        build.fresh(self.world)
        row: OrderList | None = db.session.scalar(select(OrderList).order_by(OrderList.id.desc()).limit(1))
        assert row is not None
        return row

    def faults(self) -> dict[int, str]:
        rows = select(OrderListFault.number, OrderListFault.sentence).where(OrderListFault.list_id == self.last().id)
        return {row.number: row.sentence for row in db.session.execute(rows)}

    def press(self, where: str = "orders", rows: str = "", client: Any = None) -> Any:
        answer = post(client or self.client, f"{self.url}/{self.last().id}/{where}", {"rows": rows})
        self.work()
        build.fresh(self.world)
        return answer

    def orders(self) -> list[Order]:
        build.fresh(self.world)
        return list(db.session.scalars(select(Order).where(Order.placed_at.is_not(None)).order_by(Order.id)))

    def ill(self) -> list[str]:
        """What the doctor says of the orders."""
        skipped = (orders_doctor.capacities_without_audit,)
        queries = [each for each in (*orders_doctor.QUERIES, *doctor.QUERIES) if each.find not in skipped]
        return [sentence for query in queries for sentence in query.find(db.session(), utcnow())]


@pytest.fixture
def desk(world: Any) -> Desk:
    return Desk(world)


GOOD = HEAD + (
    "1;A;Ann Lee;ann@example.org;Weekend pass;;;;yes;check;77;2026-11-20;38\n"
    "2;A;Bo Lee;;parking;;;;yes;;;;\n"
    "3;;Cy Doe;cy@example.org;weekend-pass;;;20;;;;;\n"
    "4;;Юлия Щёголева;;Shirt;xxl;;;5,00;cash;;;\n"
    "5;F;Di Roe;di@example.org;Weekend pass;;;;;;;;\n"
    "6;F;Ed Roe;;Child;;9;0;;;;;\n"
)


def test_good_rows_become_whole_orders_with_tickets_and_money(desk: Desk) -> None:
    row = desk.checked(GOOD)
    assert (row.state, row.good_count, row.bad_count, desk.faults()) == (ListState.CHECKED, 6, 0, {})
    page = desk.client.get(f"{desk.url}/{row.id}").get_data(as_text=True)
    assert "Import all 6 rows" in page and "shoe size" in page
    assert desk.orders() == []
    assert desk.press("whole").status_code == 303
    ann, cy, yulia, di = desk.orders()
    assert (ann.state, ann.total_minor, ann.method.value) == (OrderState.CONFIRMED, 2900, "check")
    assert [(line.title, line.quantity, line.unit_minor) for line in cy.lines] == [("Weekend pass", 1, 2000)]
    assert cy.state is OrderState.PLACED and cy.due_at is not None
    assert [(line.title, line.unit_minor) for line in yulia.lines] == [("Shirt: XXL", 1800)]
    assert (di.total_minor, [line.facts["names"] for line in di.lines]) == (2400, [["Di Roe"], ["Ed Roe"]])
    assert di.lines[1].facts["adults"] == ["Di Roe"]
    paid = db.session.execute(
        select(Payment.amount_minor, Payment.method, Payment.reference).order_by(Payment.id)
    ).all()
    assert [(amount, method.value, ref) for amount, method, ref in paid] == [(2900, "check", "77"), (500, "cash", "")]
    assert db.session.scalars(select(Attendee.name)).all() == ["Ann Lee"]
    assert db.session.scalar(select(func.count(Badge.id))) == 1
    assert db.session.get_one(Quota, desk.weekend).taken == 3
    assert db.session.scalar(select(func.count(OutboxMessage.id))) == 0
    assert desk.ill() == []
    assert "4 orders are in" in desk.client.get(f"{desk.url}/{desk.last().id}").get_data(as_text=True)
    order_page = desk.client.get(f"/orders/{ann.code}/{ann.link_key}")
    assert order_page.status_code == 200 and "Ann Lee" in order_page.get_data(as_text=True)


def test_the_same_file_twice_makes_nothing_new(desk: Desk) -> None:
    desk.checked(GOOD)
    desk.press("whole")
    row = desk.checked(GOOD)
    assert (row.good_count, row.bad_count, row.known_count) == (0, 0, 6)
    assert "Every row is in already" in desk.client.get(f"{desk.url}/{row.id}").get_data(as_text=True)
    assert desk.press().status_code == 409
    more = desk.checked(GOOD + "7;;Flo Poe;;Parking;;;;;;;;\n" + "8;A;Gil Lee;;Parking;;;;;;;;\n")
    assert (more.good_count, more.known_count) == (1, 6)
    assert "Row 2 of the same order was imported before" in desk.faults()[9]
    changed = desk.checked(GOOD.replace("Cy Doe", "Cyd Doe"))
    assert desk.faults() == {4: "This row was imported before and said something else. Change its order by hand."}
    assert changed.known_count == 5
    assert len(desk.orders()) == 4


def test_rows_without_keys_are_known_by_what_they_say(desk: Desk) -> None:
    text = "Name,Ticket\nGuest,Parking\nGuest,Parking\nAnn,Parking\n"
    desk.checked(text)
    desk.press("whole")
    assert len(desk.orders()) == 3
    again = desk.checked(text + "Guest,Parking\n")
    assert (again.good_count, again.known_count) == (1, 3)


def test_long_row_keys_that_differ_late_are_two_rows(desk: Desk) -> None:
    keys = [f"https://forms.example.org/{'x' * 90}/{number}" for number in (1, 2)]
    text = HEAD + "".join(f"{key};;Cy Doe;;parking;;;;;;;;\n" for key in keys)
    assert desk.checked(text).good_count == 2
    desk.press()
    assert (len(desk.orders()), desk.checked(text).known_count) == (2, 2)


def test_each_wrong_row_has_its_reason_and_the_good_ones_are_taken_when_asked(desk: Desk) -> None:
    rows = [
        "1;;;a@example.org;Parking", "2;;Ann;nonsense;Parking", "3;;Ann;;Gala", "4;;Ann;;Shirt", "5;;Ann;;Parking;L",
        "6;;Ann;;Parking;;;12 $x", "7;;Ann;;Parking;;;;9.00", "8;;Ann;;Parking;;;;yes;bitcoin", "9;;Kid;;Child;;13",
        "10;;Kid;;Child;;9", "11;X;Ann;;Parking", "12;X;;;Parking", "13;;Ann;;Parking;;;;yes;cash;;soon", "14;;Ann;;",
        "15;;Ann;;Parking;;;;yes;cash;;2030-01-01", "1;;Ann;;Parking", "16;W;A;;Weekend pass", "17;W;B;;Weekend pass",
        "18;W;C;;Weekend pass", "19;W;D;;Weekend pass", "20;;Good One;;Parking",
    ]  # fmt: skip
    row = desk.checked(HEAD + "\n".join(rows) + "\n")
    found = desk.faults()
    expected = {
        2: "name is missing", 3: "no e-mail address", 4: "no ticket of this show. There are: Weekend pass, Parking",
        5: "Say which Shirt it is: M, XXL", 6: "has no choices", 7: "price is “12 $x”", 8: "More is paid ($9.00)",
        9: "no way to pay", 10: "up to 12 years", 11: "the first row of the order must be the adult",
        12: "Row 13 of the same order is wrong", 13: "name is missing", 14: "Write it as 2027-05-14", 15: "ticket is missing",
        16: "still to come", 18: "sold out", 21: "sold out",
    }  # fmt: skip
    for number, words in expected.items():
        assert words in found[number], number
    assert "stands in row" not in "".join(found.values()), "row 2 was no row, so its key is free"
    assert (row.good_count, row.bad_count) == (2, 19)
    page = desk.client.get(f"{desk.url}/{row.id}").get_data(as_text=True)
    assert "Import the 2 good rows, leave 19 out" in page and "Import all" not in page
    assert desk.press("whole").status_code == 409 and desk.orders() == []
    table = desk.client.get(f"{desk.url}/{row.id}/rows.csv").get_data(as_text=True)
    assert table.count("\n") == 20 and "The name is missing.,1,,,a@example.org,Parking" in table
    assert desk.press("orders").status_code == 303
    assert [order.buyer_name for order in desk.orders()] == ["Ann", "Good One"]
    assert desk.ill() == []


def test_only_named_rows_are_taken_and_an_order_is_never_split(desk: Desk) -> None:
    desk.checked(GOOD)
    assert desk.press("orders", rows="two").status_code == 422
    assert desk.press("orders", rows="2, 4-5").status_code == 303
    assert [order.buyer_name for order in desk.orders()] == ["Cy Doe", "Юлия Щёголева"]
    assert desk.faults() == {2: "Row 3 belongs to the same order and was not named."}
    assert desk.last().summary["left_out"] == 3


def test_what_was_sold_since_the_preview_stops_all_and_is_told(desk: Desk) -> None:
    desk.checked(GOOD)
    with transaction() as db_session:
        db_session.get_one(Quota, desk.weekend).capacity = 1
    desk.press("whole")
    row = desk.last()
    assert row.state is ListState.CHECKED and desk.orders() == []
    assert "Something has changed since: row 4" in row.problem
    assert "Nothing was imported" in desk.client.get(f"{desk.url}/{row.id}").get_data(as_text=True)
    desk.press("orders")
    assert len(desk.orders()) == 2 and desk.ill() == []


def test_who_may_not_record_money_sends_no_paid_rows_and_strangers_send_nothing(desk: Desk, world: Any) -> None:
    from tests import factories

    with transaction() as db_session:
        event = world.show()
        rita = factories.person(db_session, "Rita Registrar")
        factories.member(db_session, organizer=event.organizer, person=rita, roles=["registrar"])
        world.ids["rita"] = rita.id
    rita_client = world.client("rita")
    row = desk.checked(GOOD, client=rita_client)
    assert (row.takes_money, row.good_count) == (False, 0)
    assert "you may not record money" in desk.faults()[2]
    assert all("a price of its own" in desk.faults()[number] for number in (4, 6)), "she sells nothing below its price"
    assert desk.checked(HEAD + "1;;Cy Doe;;weekend-pass;;;24;;;;;\n", client=rita_client).good_count == 1
    desk.checked(GOOD)
    assert desk.press("whole", client=rita_client).status_code == 409, (
        "her treasurer checked it; she still moves no money"
    )
    assert desk.orders() == []
    assert desk.send(GOOD, client=world.client("otto")).status_code == 404
    assert world.client("otto").get(f"{desk.url}/{row.id}").status_code == 404


def test_files_that_are_no_lists_are_refused_in_words(desk: Desk) -> None:
    assert desk.send(b"").status_code == 422
    for content, words in (
        (b"\x00\x01\x02", "neither a CSV file nor an Excel workbook"),
        (b"PK\x03\x04broken", "workbook cannot be read"),
        (b"\n\n", "empty"),
    ):
        row = desk.checked(content)
        assert row.state is ListState.REFUSED and words in row.problem
        assert words in desk.client.get(f"{desk.url}/{row.id}").get_data(as_text=True)
    assert "No column says which ticket" in str(desk.checked("name;x\nAnn;1\n") and desk.faults())
    assert "No column says who" in str(desk.checked("ticket;x\nParking;1\n") and desk.faults())


def test_a_list_can_be_thrown_away_and_is_forgotten_after_a_week(desk: Desk, clock: Any) -> None:
    desk.checked(GOOD)
    assert desk.press("dropping").status_code == 303
    assert desk.last().state is ListState.DROPPED and desk.last().file_id is None
    assert desk.press("whole").status_code == 409
    desk.checked(HEAD + "1;;;;Parking\n")
    clock.advance(days=8)
    with transaction() as db_session:
        services.sweep(db_session, now=utcnow())
    assert desk.last().file_id is None and desk.faults() == {}
    assert desk.press().status_code == 409
    verbs = db.session.scalars(select(AuditEntry.verb).where(AuditEntry.subject == "OrderList").order_by(AuditEntry.id))
    assert list(verbs)[:3] == ["order_list.sent", "order_list.checked", "order_list.dropped"]


def test_a_rule_between_tickets_holds_for_lists_too(desk: Desk) -> None:
    with transaction() as db_session:
        event = desk.world.show()
        dinner = build.ticket_type(db_session, event, "Dinner", price=3000, is_admission=False)
        weekend = db_session.scalar(select(TicketRule.ticket_type_id).limit(1))
        assert weekend is None
        from swapmeet.registration.models import TicketType

        parent = db_session.scalars(select(TicketType).where(TicketType.name == "Weekend pass")).one()
        db_session.add(TicketRule(ticket_type_id=dinner.id, event_id=event.id, only_with_id=parent.id, most_each=1))
    desk.checked("order,name,ticket\nA,Ann,Dinner\nB,Bo,Dinner\nB,Bo,Weekend pass\n")
    assert desk.faults().keys() == {2} and "sold together with Weekend pass only" in desk.faults()[2]


def test_the_pages_of_lists_answer_and_the_example_can_be_sent(desk: Desk) -> None:
    page = desk.client.get(desk.url).get_data(as_text=True)
    assert "No list yet" in page and "Import a list" in page
    example = desk.client.get(f"{desk.url}/example.csv").data
    row = desk.checked(example)
    assert row.state is ListState.CHECKED and row.row_count == 3
    assert desk.client.get(f"{desk.url}/999").status_code == 404


# Reading files ------------------------------------------------------------------------------------------------------


def test_files_are_read_as_spreadsheets_write_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (
        ["Name", "Ticket", "Price", "Paid"],
        ["Ann", "Day", 24.5, True],
        [None, None, None, None],
        ["Bo", 7, 7.0, None],
    ):
        sheet.append(line)
    content = io.BytesIO()
    book.save(content)
    table = read_table(content.getvalue())
    assert table.header == ["Name", "Ticket", "Price", "Paid"]
    assert table.rows == [(2, ["Ann", "Day", "24.5", "yes"]), (4, ["Bo", "7", "7"])]
    wide = 'Name\tTicket\r\n\'=Ann\t"two\nlines"\r\n'.encode("utf-16")
    assert read_table(wide).rows == [(2, ["=Ann", "two lines"])]
    assert read_table("name;ticket\nJosé;x\n".encode("cp1252")).rows == [(2, ["José", "x"])]
    for broken in (b'name\n"never ends', b"a\n" + b"x\n" * 20_001, b"," * 300 + b"x"):
        with pytest.raises(Unreadable):
            read_table(broken)


def test_a_small_workbook_does_not_keep_its_reader_busy() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = "Name", "Ticket", "Ann", "Day"
    sheet["XFD2"].number_format = "0.00"  # a format and nothing in it
    content = io.BytesIO()
    book.save(content)
    assert read_table(content.getvalue()).rows == [(2, ["Ann", "Day"])]
    far = io.BytesIO()
    with zipfile.ZipFile(content) as packed, zipfile.ZipFile(far, "w") as made:
        for part in packed.namelist():
            made.writestr(part, re.sub(rb'(r="[A-Z]*)2"', rb'\g<1>90000000000"', packed.read(part)))
    with pytest.raises(Unreadable, match="goes on after row"):
        read_table(far.getvalue())


def test_nobody_is_remembered_by_a_file_without_headings(desk: Desk) -> None:
    row = desk.checked("Ann Lee;ann@example.org;Weekend pass\nBo Lee;bo@example.org;Weekend pass\n")
    assert "Ann Lee" in row.summary["header"]
    desk.press("dropping")
    assert desk.last().state is ListState.DROPPED
    assert "ann@example.org" not in str(desk.last().summary)


def test_headings_and_row_numbers_are_understood_in_many_ways() -> None:
    columns = find_columns(["Full Name", "E-Mail:", "VORNAME", "Prénom", "Ticket type", "Shoe"])
    assert columns.places == {"name": 0, "email": 1, "first_name": 2, "ticket": 4}
    assert columns.unused == ["Prénom", "Shoe"]
    assert (row_ranges(""), row_ranges("2-4, 9;7"), row_ranges("4-2"), row_ranges("x")) == (
        set(),
        {2, 3, 4, 7, 9},
        None,
        None,
    )
    assert row_ranges("1-9999999") is None
