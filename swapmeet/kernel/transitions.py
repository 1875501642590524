"""State machines as tables: what may follow what. Each feature keeps its tables beside its models."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from swapmeet.kernel.errors import Conflict

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(Conflict):
    """The thing is not in a state from which that step is possible."""

    code = "illegal_transition"


@dataclass(frozen=True)
class Machine(Generic[State]):
    """A named table from each state to the states that may follow it.

    Raises ValueError when a state of the enum has no row, so a new state cannot be forgotten.
    """

    name: str
    states: type[State]
    follows: Mapping[State, frozenset[State]]

    def __post_init__(self) -> None:
        missing = [state for state in self.states if state not in self.follows]
        if missing:
            raise ValueError(f"{self.name}: no row for {', '.join(missing)}")

    def allows(self, origin: State, target: State) -> bool:
        return target in self.follows[origin]

    def check(self, origin: State, target: State) -> None:
        """Raises IllegalTransition when `target` may not follow `origin`."""
        if not self.allows(origin, target):
            now_is = f"already {words(origin)}" if origin == target else words(origin)
            so = "" if origin == target else f", so it cannot become {words(target)}"
            raise IllegalTransition(
                f"This {self.name} is {now_is}{so}. Reload the page to see where it stands.",
                origin=str(origin),
                target=str(target),
            )

    def final_states(self) -> frozenset[State]:
        return frozenset(state for state in self.states if not self.follows[state])

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram, for the documents."""
        lines = ["stateDiagram-v2"]
        for origin in self.states:
            lines += [f"    {origin} --> {target}" for target in sorted(self.follows[origin])]
        return "\n".join(lines)


def words(state: StrEnum) -> str:
    return state.value.replace("_", " ")
