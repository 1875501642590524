"""PURE. The words of rules, runs and figures on pages."""

from collections.abc import Mapping

from swapmeet.vendor_tables.placing.reasons import ORDINALS, Rule

RULE_LABELS: Mapping[Rule, str] = {
    Rule.FIRST_COME: "First come",
    Rule.DRAFT: "Draft",
    Rule.BEST_FIT: "Best fit",
}
RULE_WORDS: Mapping[Rule, str] = {
    Rule.FIRST_COME: "Whoever applied first chooses first.",
    Rule.DRAFT: "Whoever has the most points chooses first; equal points are decided by a sealed lot.",
    Rule.BEST_FIT: "All wishes together; points count as weight. Takes a minute or two for a large show.",
}
STATE_LABELS = {
    "queued": "Waits for its turn",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "canceled": "Stopped",
    "accepted": "Accepted",
}
STATE_KINDS = {
    "queued": "info",
    "running": "info",
    "done": "ok",
    "failed": "bad",
    "canceled": "taken",
    "accepted": "mine",
}
STEP_LABELS = {
    "reading": "The wishes are being read.",
    "search": "Vendors are being moved about to find better places.",
    "bound": "The best that is possible at all is being worked out.",
    "best fit": "The best whole placing is being picked.",
    "reasons": "Reasons are being written.",
}
# (key of the measures, words, key of "of how many", does more mean better)
FIGURES = (
    ("placed", "Vendors with a place", "vendors", True),
    ("first_choices", "First wish met", "with_wishes", True),
    ("any_wish", "Any wish met", "with_wishes", True),
    ("near_met", "Near wishes met", "near_asked", True),
    ("rivals_side_by_side", "Same wares side by side", "", False),
    ("envy", "Would rather have the place of somebody with fewer points", "", False),
)


def wish_words(rank: int) -> str:
    """ "first wish"; "no wish met" for 0."""
    return f"{ORDINALS[rank - 1]} wish" if rank else "no wish met"


def lot_name(application_id: int) -> str:
    """The name under which an application stands on published lists."""
    return f"A-{application_id}"
