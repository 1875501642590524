"""PURE. A refund policy in sentences, with the days on which its steps end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

NO_REFUND = "Once paid, nothing is paid back, unless the show is canceled."
SHOW_CANCELED = "If the show is canceled, you get back all you paid."


def refund_sentences(
    steps: Sequence[Mapping[str, Any]],
    *,
    first_day: date,
    say_day: Callable[[date], str],
    say_money: Callable[[int], str],
) -> list[str]:
    """One sentence a step, earliest end first, then what holds after the last one.

    Steps with a condition ("only_if") come last: they are promises the organizer keeps by hand.
    """
    plain = [step for step in steps if not step.get("only_if") and int(step["refund_percent"]) > 0]
    plain.sort(key=lambda step: -int(step["until_days_before"]))
    promises = [step for step in steps if step.get("only_if")]
    sentences = []
    for step in plain:
        ends = say_day(last_day_of(step, first_day))
        sentences.append(f"If you cancel by {ends}: {_share(step, say_money)}.")
    if plain:
        sentences.append("After that, nothing is paid back.")
    elif not promises:
        return [NO_REFUND]
    else:
        sentences.append("If you cancel, nothing is paid back.")
    for step in promises:
        when = "Also later" if plain else "But"
        sentences.append(f"{when}, if this holds ({step['only_if']}): {_share(step, say_money)}.")
    return [*sentences, SHOW_CANCELED]


def last_day_of(step: Mapping[str, Any], first_day: date) -> date:
    """The last day on which a step applies."""
    return first_day - timedelta(days=int(step["until_days_before"]))


def _share(step: Mapping[str, Any], say_money: Callable[[int], str]) -> str:
    percent, fee = int(step["refund_percent"]), int(step["fee_minor"])
    share = {100: "you get everything back", 50: "you get half back", 0: "nothing is paid back"}.get(
        percent, f"you get {percent}% back"
    )
    return f"{share}, less {say_money(fee)} an order" if fee and percent else share
