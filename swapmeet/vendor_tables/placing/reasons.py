"""PURE. Why each vendor stands where it stands, in words for that vendor: no names of others, nothing about who avoids whom."""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

from swapmeet.vendor_tables.placing.judging import Floor, met_wish
from swapmeet.vendor_tables.placing.problem import Given, Vendor, Wish, pair


class Rule(StrEnum):
    FIRST_COME = "first_come"
    DRAFT = "draft"
    BEST_FIT = "best_fit"


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
LACKS = {
    "kind": "is not the kind of table you asked for",
    "height": "does not allow a display as high as yours",
    "power": "has no power for what you need",
    "step_free": "cannot be reached without steps",
    "wall": "has no wall behind it",
    "away": "does not go together with what is fixed next to it",
}


class Reasons:
    """Reasons of one placing by one rule."""

    def __init__(self, floor: Floor, given: Given, rule: Rule) -> None:
        self.floor, self.given, self.rule = floor, given, rule
        self.vendors = {vendor.key: vendor for vendor in floor.problem.vendors}
        self.holder = {place: key for key, run in given.items() for place in run}
        self.possible: dict[tuple[object, ...], int] = {}

    def of(self, vendor: Vendor) -> tuple[str, ...]:
        """Sentences: what came of each wish up to the one that was met, of friends, and how much choice there was."""
        run = self.given.get(vendor.key, ())
        rank = met_wish(vendor, run) if run else 0
        missed = vendor.wishes[: rank - 1] if rank else vendor.wishes
        said = [self._missed(vendor, number, wish) for number, wish in enumerate(missed, start=1)]
        said.append(self._got(vendor, run, rank))
        said += self._near(vendor, run)
        said.append(self._choice(vendor))
        return tuple(said)

    def _got(self, vendor: Vendor, run: tuple[str, ...], rank: int) -> str:
        if not run:
            one = "a place" if vendor.tables == 1 else f"{vendor.tables} places side by side"
            if not self._possible(vendor):
                free = "free place" if vendor.tables == 1 else f"{vendor.tables} free places side by side"
                return f"There was no room for you: no {free} had what you need."
            return f"There was no room left for you: {one} that fit what you need went to others."
        labels = listed(self.floor.places[key].label for key in run)
        if not rank:
            return f"You got {labels}." if vendor.wishes else f"You got {labels}; you had no wish for a certain place."
        wish = vendor.wishes[rank - 1]
        same = labels == wish.words
        return (
            f"You got your {_ordinal(rank)} wish, {wish.words}."
            if same
            else (f"You got {labels}, which meets your {_ordinal(rank)} wish, {wish.words}.")
        )

    def _missed(self, vendor: Vendor, number: int, wish: Wish) -> str:
        start = f"Your {_ordinal(number)} wish, {wish.words},"
        known = [key for key in wish.places if key in self.floor.places]
        if not known:
            return f"{start} is not on the plan any more."
        runs = [run for run in self.floor.runs(vendor.tables) if self._meets(wish, run)]
        if not runs:
            return f"{start} has no {vendor.tables} places side by side."
        lacks = [self.floor.lacks(vendor, run) for run in runs]
        fitting = [run for run, lack in zip(runs, lacks, strict=True) if not lack]
        if not fitting:
            return f"{start} {self._lack(lacks, runs)}."
        return f"{start} {self._rivals(vendor, wish, fitting)}"

    def _meets(self, wish: Wish, run: tuple[str, ...]) -> bool:
        return all(key in wish.places for key in run) if wish.is_area else any(key in wish.places for key in run)

    def _lack(self, lacks: list[str], runs: list[tuple[str, ...]]) -> str:
        if "kept" in lacks and len(set(lacks)) == 1:
            return (
                "was sold or kept before the placing"
                if len(runs[0]) == 1
                else ("has no such run: places there were sold or kept before the placing")
            )
        lack = next(lack for lack in lacks if lack != "kept")
        return LACKS.get(lack, f"is not marked “{lack}”")

    def _rivals(self, vendor: Vendor, wish: Wish, fitting: list[tuple[str, ...]]) -> str:
        """Who stands where the wish would have been met: the strongest of the weakest run, by points or by date."""
        went = "went to" if len(wish.places) == 1 else "is full: what would fit you there went to"
        held = [[self.holder[key] for key in run if key in self.holder] for run in fitting]
        keys = min((keys for keys in held if keys), key=lambda keys: self._strength(keys), default=[])
        others = [self.vendors[key] for key in dict.fromkeys(keys) if key != vendor.key]
        if not others or any(not keys for keys in held):
            return "did not go together with what others need."
        best = max(others, key=lambda other: (other.points, -other.applied))
        if self.rule is Rule.FIRST_COME:
            return f"{went} a vendor who applied before you."
        points = f"{went} a vendor with {_points(best.points)}"
        if self.rule is Rule.DRAFT:
            if best.points == vendor.points:
                return f"{points} like you; the sealed lot decided."
            return f"{points}; you have {vendor.points}."
        if best.points > vendor.points:
            return f"{points}; you have {vendor.points}."
        return f"{points}: all wishes together come out better that way."

    def _strength(self, keys: Iterable[str]) -> tuple[int, int]:
        others = [self.vendors[key] for key in keys]
        if self.rule is Rule.FIRST_COME:
            return -min(other.applied for other in others), 0
        return max(other.points for other in others), 0

    def _near(self, vendor: Vendor, run: tuple[str, ...]) -> list[str]:
        """Near wishes that both sides confirmed: how many are met."""
        asked = [two for two in self.floor.problem.near if vendor.key in two]
        if not asked or not run:
            return []
        beside = set()
        for key in self.floor.beside(run):
            kept = self.floor.kept_by.get(key)
            beside.add(self.holder.get(key) or (kept.vendor if kept is not None else ""))
        met = sum(pair(vendor.key, other) in asked for other in beside if other and other != vendor.key)
        if met == len(asked):
            return ["You stand next to whom you asked for."]
        if met:
            return [f"You stand next to {met} of the {len(asked)} whom you asked for."]
        return ["Standing next to whom you asked for was not possible this time."]

    def _choice(self, vendor: Vendor) -> str:
        count = self._possible(vendor)
        needs = [f"{vendor.tables} tables side by side" if vendor.tables > 1 else "one table"]
        needs += [f"power for {vendor.amps} A"] if vendor.amps else []
        needs += ["step-free access"] if "step_free" in vendor.needs else []
        needs += ["a wall"] if "wall" in vendor.needs else []
        needs += [f"a display {vendor.height_mm / 1000:g} m high"] if vendor.height_mm else []
        were = {0: "no place was", 1: "1 place was"}.get(count, f"{count} places were")
        return f"With {listed(needs)}, {were} possible for you."

    def _possible(self, vendor: Vendor) -> int:
        """How many runs were open to somebody with these needs before anybody was placed."""
        key = (vendor.tables, vendor.kinds, vendor.amps, vendor.needs, vendor.height_mm)
        if key not in self.possible:
            plain = replace(vendor, key="")
            self.possible[key] = sum(not self.floor.lacks(plain, run) for run in self.floor.runs(vendor.tables))
        return self.possible[key]


def reasons(floor: Floor, given: Given, rule: Rule) -> dict[str, tuple[str, ...]]:
    """Sentences for every vendor, by key."""
    about = Reasons(floor, given, rule)
    return {vendor.key: about.of(vendor) for vendor in floor.problem.vendors}


def listed(words: Iterable[str]) -> str:
    """ "A1", "A1 and A2", "A1, A2 and A3"."""
    all_words = list(words)
    return ", ".join(all_words[:-1]) + " and " + all_words[-1] if len(all_words) > 1 else "".join(all_words)


def _ordinal(rank: int) -> str:
    return ORDINALS[rank - 1] if rank <= len(ORDINALS) else f"{rank}th"


def _points(points: int) -> str:
    return f"{points} point" if points == 1 else f"{points} points"
