"""Words of disputes and their outcomes. Pure."""

from swapmeet.trades.rounds.dispute_models import DisputeReason, DisputeState, Outcome

REASON_LABELS: dict[DisputeReason, str] = {
    DisputeReason.MISSING: "It was not there, or not all of it",
    DisputeReason.NOT_AS_DESCRIBED: "It is not as described",
    DisputeReason.DAMAGED: "It is damaged",
    DisputeReason.WRONG_THING: "It is another thing",
}
STATE_LABELS: dict[DisputeState, tuple[str, str]] = {
    DisputeState.OPEN: ("held", "Open"),
    DisputeState.RULED: ("ok", "Ruled"),
    DisputeState.WITHDRAWN: ("taken", "Taken back"),
}
OUTCOME_LABELS: dict[Outcome, str] = {
    Outcome.NOTHING: "Nothing was wrong",
    Outcome.UNDO: "Both give back what they got from each other",
    Outcome.COMPENSATION: "The giver pays something over the desk",
    Outcome.WARNING: "A warning to the giver",
    Outcome.BLOCK: "The giver may not enter the next rounds",
}
EVENT_WORDS = {
    "raised": "Somebody says that a thing you gave is not right. Please write your side of it.",
    "answered": "The other side has answered. The hosts read both and rule.",
    "withdrawn": "What was said about a thing you gave has been taken back.",
    "ruled": "The hosts have ruled.",
}
