"""What the application is made of, put in order."""

from dataclasses import dataclass

import pytest

from swapmeet.wiring import behind_what_leads_there, build_registry


@dataclass
class Part:
    name: str
    found_by: tuple[str, ...] = ()


def names(*parts: Part) -> list[str]:
    return [part.name for part in behind_what_leads_there(parts)]  # type: ignore[arg-type]


def test_a_part_comes_after_what_leads_to_it_and_the_rest_stays_as_it_was() -> None:
    assert names(Part("a", ("c",)), Part("b"), Part("c", ("b",)), Part("d")) == ["b", "c", "a", "d"]


def test_parts_that_wait_for_each_other_or_for_nobody_are_refused() -> None:
    for parts in ([Part("a", ("b",)), Part("b", ("a",))], [Part("a", ("nobody",))]):
        with pytest.raises(RuntimeError, match="'a'"):
            names(*parts)


def test_the_account_is_erased_behind_all_but_the_log_and_answers_before_what_they_are_found_by() -> None:
    found = [part.name for part in build_registry().personal_data]
    assert found.index("account") == 1 and found[0] == "log"
    assert found.index("answers") > max(found.index("orders"), found.index("badges"))
    assert found.index("vendor documents") > found.index("vendor tables")
