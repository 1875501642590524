"""How many mails about orders one address gets in an hour when strangers may type it: nobody's mailbox is flooded.

Counted for what visitors do: ordering, canceling, asking for the mail again. What the team does is always told.
"""

from swapmeet.infra import codes
from swapmeet.web import counters

MAILS_AN_HOUR = 10
HOUR_S = 3600


def may_mail(address: str, *, own: str) -> bool:
    """Count one more mail to an address, unless it is the asker's `own` ("" for none). False: it has had enough for now."""
    typed = address.strip().lower()
    if own and typed == own:
        return True
    count = counters.add(f"order-mails:{codes.digest(typed)[:32]}", seconds=HOUR_S)
    return count <= counters.raised(MAILS_AN_HOUR)
