"""In-process signals: facts announced inside the transaction that makes them. `wiring.py` says who listens."""

from blinker import Namespace

_space = Namespace()

# sent by orders, with db_session=, order=, lines=, reason=, now=, by=; listeners write in the same transaction.
# Released: lines of a placed order were given up.
# Priced: what an order comes to is fixed (it was placed, came back, one thing became another), with db_session=, order=,
# address= (for an invoice), is_mailed= (its mail is wanted now), now=, by=.
# Divided: some pieces of a line are a line of their own from now on, with db_session=, new=, division= (orders.pieces); it is the sender.
order_confirmed = _space.signal("order-confirmed")
order_released = _space.signal("order-released")
order_priced = _space.signal("order-priced")
line_divided = _space.signal("line-divided")

# sent by registration, with db_session=, attendee=, now=: a ticket belongs to somebody else from now on
ticket_passed_on = _space.signal("ticket-passed-on")

# sent by events, with db_session=, event=, now=, by=
event_published = _space.signal("event-published")
event_canceled = _space.signal("event-canceled")

# sent by accounts, with db_session=, person=, now=
person_erased = _space.signal("person-erased")
