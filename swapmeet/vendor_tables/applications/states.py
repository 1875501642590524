"""PURE. The life of an application: what may follow what, and by whose hand."""

from collections.abc import Mapping
from enum import StrEnum

from swapmeet.kernel.errors import Refused
from swapmeet.kernel.transitions import Machine


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    CANCELED = "canceled"
    CHECKED_IN = "checked_in"
    DEPARTED = "departed"
    NO_SHOW = "no_show"


class Mover(StrEnum):
    """Whose hand it is: the vendor's own, the show's team (and what it sets going), a clock or list, a payment."""

    VENDOR = "vendor"
    STAFF = "staff"
    JOB = "job"
    PAYMENT = "payment"


class NotYourMove(Refused):
    """The step exists, but somebody else takes it."""

    code = "not_your_move"


S = ApplicationState
_VENDOR, _STAFF, _JOB = frozenset({Mover.VENDOR}), frozenset({Mover.STAFF}), frozenset({Mover.JOB})

MOVES: Mapping[tuple[ApplicationState, ApplicationState], frozenset[Mover]] = {
    (S.DRAFT, S.SUBMITTED): _VENDOR,
    (S.DRAFT, S.WAITLISTED): _VENDOR,  # sent late, as said before
    (S.SUBMITTED, S.IN_REVIEW): _STAFF,
    (S.SUBMITTED, S.CHANGES_REQUESTED): _STAFF,
    (S.IN_REVIEW, S.CHANGES_REQUESTED): _STAFF,
    (S.CHANGES_REQUESTED, S.SUBMITTED): _VENDOR | _JOB,  # sent again, or as it was when the time for changes is over
    (S.SUBMITTED, S.OFFERED): _STAFF,
    (S.IN_REVIEW, S.OFFERED): _STAFF,
    (S.WAITLISTED, S.OFFERED): _STAFF | _JOB,
    (S.IN_REVIEW, S.WAITLISTED): _STAFF,
    (S.IN_REVIEW, S.DECLINED): _STAFF,
    (S.WAITLISTED, S.DECLINED): _STAFF | _JOB,  # the list is closed, or nothing came free in time
    (S.LAPSED, S.WAITLISTED): _VENDOR,  # an offer of the waiting list was missed or declined, and they wait again
    (S.WITHDRAWN, S.WAITLISTED): _VENDOR,
    (S.OFFERED, S.CONFIRMED): _STAFF | {Mover.PAYMENT},
    (S.OFFERED, S.LAPSED): _JOB,
    (S.CONFIRMED, S.CANCELED): _VENDOR | _STAFF,
    (S.CONFIRMED, S.CHECKED_IN): _STAFF,
    (S.CONFIRMED, S.NO_SHOW): _STAFF | _JOB,
    (S.CHECKED_IN, S.DEPARTED): _STAFF,
    (S.CHECKED_IN, S.CONFIRMED): _STAFF,  # it was somebody else
    **{
        (origin, S.WITHDRAWN): _VENDOR
        for origin in (S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.CHANGES_REQUESTED, S.WAITLISTED, S.OFFERED)
    },
    **{(origin, S.SUBMITTED): _STAFF for origin in (S.DECLINED, S.LAPSED, S.WITHDRAWN, S.CANCELED)},
}

APPLICATION_MACHINE = Machine(
    "application",
    ApplicationState,
    {origin: frozenset(target for one, target in MOVES if one is origin) for origin in ApplicationState},
)

WRITABLE = frozenset({S.DRAFT, S.CHANGES_REQUESTED})  # the vendor's form is open
PENDING = frozenset({S.SUBMITTED, S.IN_REVIEW, S.CHANGES_REQUESTED})  # sent, nothing said yet
DECIDABLE = frozenset({S.SUBMITTED, S.IN_REVIEW, S.WAITLISTED})
PLACED = frozenset({S.CONFIRMED, S.CHECKED_IN, S.DEPARTED})
OVER = frozenset({S.DECLINED, S.LAPSED, S.WITHDRAWN, S.CANCELED})  # staff may open it again

LABELS: Mapping[ApplicationState, str] = {
    S.DRAFT: "Draft",
    S.SUBMITTED: "Received",
    S.IN_REVIEW: "In review",
    S.CHANGES_REQUESTED: "Changes asked for",
    S.WAITLISTED: "Waiting list",
    S.OFFERED: "Offered",
    S.DECLINED: "Declined",
    S.LAPSED: "Offer lapsed",
    S.WITHDRAWN: "Withdrawn",
    S.CONFIRMED: "Confirmed",
    S.CANCELED: "Canceled",
    S.CHECKED_IN: "Arrived",
    S.DEPARTED: "Left",
    S.NO_SHOW: "Did not come",
}

KINDS: Mapping[ApplicationState, str] = {  # of the state badge on pages
    S.DRAFT: "info",
    S.SUBMITTED: "info",
    S.IN_REVIEW: "info",
    S.CHANGES_REQUESTED: "warn",
    S.WAITLISTED: "held",
    S.OFFERED: "mine",
    S.CONFIRMED: "ok",
    S.CHECKED_IN: "ok",
    S.DEPARTED: "ok",
}


STEP_WORDS: Mapping[ApplicationState, str] = {  # on the team's buttons
    S.IN_REVIEW: "Look into it",
    S.WAITLISTED: "Put on the waiting list",
    S.DECLINED: "Decline",
    S.SUBMITTED: "Open it again",
    S.CHECKED_IN: "Has arrived",
    S.DEPARTED: "Has left",
}

TEAM_OPTIONS = [(state.value, LABELS[state]) for state in ApplicationState if state is not S.DRAFT]


def state_kind(state: ApplicationState) -> str:
    return KINDS.get(state, "taken")


def seen_by_vendor(state: ApplicationState) -> ApplicationState:
    """What the vendor is told: while somebody reads it, it is received, no more."""
    return S.SUBMITTED if state is S.IN_REVIEW else state


def check_move(origin: ApplicationState, target: ApplicationState, mover: Mover) -> None:
    """Raises IllegalTransition for a step that does not exist, NotYourMove for one that is somebody else's."""
    APPLICATION_MACHINE.check(origin, target)
    if mover not in MOVES[origin, target]:
        who = {Mover.VENDOR: "The vendor", Mover.STAFF: "The organizer"}.get(mover, "Swapmeet")
        raise NotYourMove(
            f"{who} cannot turn “{LABELS[origin]}” into “{LABELS[target]}”.", origin=str(origin), target=str(target)
        )
