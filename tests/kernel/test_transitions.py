"""State tables: complete, and the only way from one state to the next."""

from enum import StrEnum

import pytest

from swapmeet.kernel.transitions import IllegalTransition, Machine


class Light(StrEnum):
    RED = "red"
    GREEN = "green"
    BROKEN = "broken"


LIGHT = Machine(
    "light",
    Light,
    {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset({Light.RED, Light.BROKEN}), Light.BROKEN: frozenset()},
)


def test_every_pair_is_allowed_or_refused_as_the_table_says() -> None:
    for origin in Light:
        for target in Light:
            if target in LIGHT.follows[origin]:
                LIGHT.check(origin, target)
            else:
                with pytest.raises(IllegalTransition, match="This light is"):
                    LIGHT.check(origin, target)


def test_a_state_without_a_row_is_an_error() -> None:
    with pytest.raises(ValueError, match="no row for broken"):
        Machine("light", Light, {Light.RED: frozenset(), Light.GREEN: frozenset()})


def test_the_picture_names_every_step() -> None:
    assert LIGHT.mermaid().splitlines()[1:] == ["    red --> green", "    green --> broken", "    green --> red"]
    assert LIGHT.final_states() == {Light.BROKEN}


def test_a_step_taken_twice_is_told_as_done() -> None:
    with pytest.raises(IllegalTransition, match=r"^This light is already green\. Reload"):
        LIGHT.check(Light.GREEN, Light.GREEN)
