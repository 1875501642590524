"""Sentences about an imported show, made from its data: summary, about, doors, access."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import time
from typing import Any

from swapmeet.events.showfile import clock

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# What opens the doors to people with a ticket, widest audience first.
OPEN_TO = ("public", "badge", "preview", "full", "registrants", "all")

KIND_OPENINGS = {
    "houseparty": "A members' weekend of miniatures",
    "gathering": "A small weekend for people who make miniatures",
    "convention": "A convention for makers, collectors and players",
    "club day": "A club day with a project to make together",
    "sales fair": "A fair of makers and sellers",
    "swap meet": "A day of tables to buy, sell and swap",
    "train show": "Trains on show, trains to buy and trains to swap",
    "club show": "A club's open day with games, traders and models",
}
SESSION_WORDS = {
    "workshop": ("workshop", "workshops"),
    "class": ("class", "classes"),
    "clinic": ("talk", "talks"),
    "talk": ("talk", "talks"),
    "make and take": ("make and take", "make and takes"),
    "game": ("game", "games"),
    "tournament": ("tournament", "tournaments"),
}
EXTRAS: tuple[tuple[str, str], ...] = (
    ("contest", "a contest to enter and to vote in"),
    ("raffle", "a raffle"),
    ("auctions", "a silent auction"),
    ("swaps", "gift exchanges"),
    ("round_tables", "an evening of round tables with small kits"),
    ("flea_market", "a flea market of one's own things"),
    ("consignment", "a bring-and-buy desk"),
    ("layouts", "working layouts"),
    ("tours", "tours"),
    ("games", "games to join"),
    ("meals", "meals together"),
)


def number(count: int) -> str:
    """Small numbers as words, from eleven on in figures."""
    return NUMBER_WORDS[count] if count < len(NUMBER_WORDS) else f"{count:,}"


def listed(parts: Sequence[str]) -> str:
    """ "a, b and c"."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def summary_of(show: Mapping[str, Any]) -> str:
    """One sentence: how long, how many tables, how many sessions."""
    if show.get("summary"):
        return str(show["summary"])[:500]
    days = len([day for day in show["days"] if day >= 0])
    parts = [f"{number(days)} {'day' if days == 1 else 'days'}"]
    tables = table_count(show)
    if tables:
        parts.append(f"{tables:,} {vendor_word(show).lower()} {'table' if tables == 1 else 'tables'}")
    parts += _session_parts(show)[:2]
    if trades_enabled(show):
        parts.append("trades between visitors")
    sentence = f"{KIND_OPENINGS.get(show['kind'], 'A show')}: {listed(parts)}."
    return sentence[:500]


def about_of(show: Mapping[str, Any]) -> str:
    """A few plain paragraphs and a list, as an organizer might write them."""
    if show.get("about"):
        return str(show["about"])[:20_000]
    paragraphs = [_opening(show)]
    points = [f"- {part[0].upper()}{part[1:]}" for part in (*_session_parts(show), *_extras(show))]
    if points:
        paragraphs += ["What there is to do:", "\n".join(points[:8])]
    if trades_enabled(show):
        paragraphs.append(
            "Bring what you no longer need: list it on the Trades page before the show, agree on a swap, and hand it over here."
        )
    if (show.get("attendance") or {}).get("members_only"):
        paragraphs.append(
            "The weekend is for members and their guests; the sales room opens to everybody on its public day."
        )
    paragraphs.append("New to this? Come and ask at the desk; somebody will show you round.")
    return "\n\n".join(paragraphs)


def doors_of(show: Mapping[str, Any], *, say_time: Callable[[time], str], say_day: Callable[[int], str]) -> str:
    """When the doors open on each day, by the audience with the most days: "Saturday 9:00 AM to 4:30 PM; Sunday …".

    Where that is not everybody, the hours for everybody follow.
    """
    hours = {audience: _hours_by_day(show, audience) for audience in OPEN_TO}
    widest = max(OPEN_TO, key=lambda audience: (len(hours[audience]), -OPEN_TO.index(audience)))
    words = _hours_words(hours[widest], say_time, say_day)
    everybody = _hours_words(hours["public"], say_time, say_day)
    if widest != "public" and everybody:
        words = f"{words}. Open to everybody: {everybody}"
    return words[:200]


def access_of(venue: Mapping[str, Any]) -> str:
    """Steps, scooters, parking."""
    parts = []
    if venue.get("step_free"):
        note = venue.get("step_free_note")
        parts.append(f"Step-free ({note})" if note else "Step-free throughout")
    spaces, scooters = venue.get("parking_spaces") or 0, venue.get("scooters_hired") or 0
    if spaces:
        parts.append(f"{spaces:,} parking spaces")
    if scooters:
        parts.append(f"{number(scooters)} mobility {'scooter' if scooters == 1 else 'scooters'} to borrow")
    if venue.get("loading_docks"):
        parts.append("loading doors for vendors")
    return ", ".join(parts)[:500]


def table_count(show: Mapping[str, Any]) -> int:
    return sum(row["count"] for row in show.get("table_rows") or [])


def trades_enabled(show: Mapping[str, Any]) -> bool:
    return bool((show.get("trade") or {}).get("enabled", True))


def vendor_word(show: Mapping[str, Any]) -> str:
    """What sellers are called at a show of this kind and country."""
    if show["kind"] in ("houseparty", "convention"):
        return "Dealer"
    if str(show.get("locale") or "") == "en-GB":
        return "Trader"
    return {"swap meet": "Seller", "club day": "Seller", "gathering": "Maker"}.get(show["kind"], "Vendor")


def _opening(show: Mapping[str, Any]) -> str:
    opening = KIND_OPENINGS.get(show["kind"], "A show")
    theme = f" This time the theme is “{show['theme']}”." if show.get("theme") else ""
    tables = table_count(show)
    expected = (show.get("attendance") or {}).get("expected")
    places = f" {vendor_word(show)}s fill {tables:,} tables" if tables > 1 else ""
    people = f", and about {expected:,} people come" if places and isinstance(expected, int) and expected > 1 else ""
    return f"{opening} at {show['venue']['name']}.{theme}{places}{people}{'.' if places else ''}"


def _session_parts(show: Mapping[str, Any]) -> list[str]:
    counts = Counter(
        SESSION_WORDS.get(session["kind"], ("session", "sessions")) for session in show.get("sessions") or []
    )
    return [f"{number(count)} {words[0] if count == 1 else words[1]}" for words, count in counts.most_common(4)]


def _extras(show: Mapping[str, Any]) -> list[str]:
    return [words for key, words in EXTRAS if show.get(key)]


def _hours_by_day(show: Mapping[str, Any], audience: str) -> dict[int, tuple[str, str]]:
    """From the first opening to the last closing of each official day."""
    hours: dict[int, tuple[str, str]] = {}
    for block in show.get("schedule_blocks") or []:
        if audience in str(block.get("audience")).split("+") and block["day"] >= 0:
            start, end = hours.get(block["day"], (block["start"], block["end"]))
            hours[block["day"]] = (min(start, block["start"]), max(end, block["end"]))
    return hours


def _hours_words(
    hours: Mapping[int, tuple[str, str]], say_time: Callable[[time], str], say_day: Callable[[int], str]
) -> str:
    parts = []
    for day in sorted(hours):
        opens, closes = clock(hours[day][0]), clock(hours[day][1])
        if opens is not None and closes is not None:
            parts.append(f"{say_day(day)} {say_time(opens)} to {say_time(closes)}")
    return "; ".join(parts)
