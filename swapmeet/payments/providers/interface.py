"""What a payment provider must answer, in our words. No card data passes through here."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class ProviderDown(Exception):
    """The provider did not answer, or had a fault of its own: worth another try with the same key."""


class ProviderRefused(Exception):
    """The provider answered no, and will do so again. `args[0]` says why."""


class Forged(Exception):
    """A message that the provider did not sign, or signed too long ago."""


class PageState(StrEnum):
    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"
    FAILED = "failed"


class BackState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Wanted:
    """A payment to be made on the provider's page. The key makes a repeat give the same page."""

    key: str
    amount_minor: int
    currency: str
    title: str
    email: str
    payment_id: int
    back_url: str
    stop_url: str
    ends_at: datetime


@dataclass(frozen=True)
class HostedPage:
    """Where a payment stands at the provider."""

    session_ref: str
    state: PageState
    url: str = ""
    intent_ref: str | None = None
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True)
class SentBack:
    """Where a refund stands at the provider."""

    refund_ref: str
    state: BackState
    problem: str = ""


@dataclass(frozen=True)
class Message:
    """A signed message: about a page, a refund, or something we do not follow."""

    event_ref: str
    kind: str
    about: str
    page: HostedPage | None = None
    sent_back: SentBack | None = None


class Provider(Protocol):
    """Methods that use the network raise ProviderDown and ProviderRefused. None is called inside a transaction."""

    name: str

    def open_page(self, wanted: Wanted) -> HostedPage: ...

    def look_up_page(self, session_ref: str) -> HostedPage: ...

    def send_back(self, *, intent_ref: str, amount_minor: int, key: str) -> SentBack: ...

    def read_message(self, content: bytes, signature: str) -> Message:
        """Raises Forged."""
        ...
