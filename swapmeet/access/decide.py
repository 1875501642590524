"""The one function that says yes or no."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_PERMISSIONS, Role


class Verdict(StrEnum):
    """Strangers must not learn that a thing exists, members may learn that a right is missing."""

    ALLOWED = "allowed"
    LACKS_RIGHT = "lacks_right"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an actor is to one organizer or one event: the roles held there, and any narrowing by an API token."""

    roles: frozenset[Role] = field(default_factory=frozenset)
    is_site_admin: bool = False
    token_permissions: frozenset[Permission] | None = None


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """All rights of all roles together."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))


def decide(standing: Standing, permission: Permission) -> Verdict:
    """Deny by default: a right must come from a role held here (or from being site admin), and pass the token's limits."""
    if not standing.roles and not standing.is_site_admin:
        return Verdict.STRANGER
    if standing.token_permissions is not None and permission not in standing.token_permissions:
        return Verdict.LACKS_RIGHT
    if standing.is_site_admin or permission in permissions_of(standing.roles):
        return Verdict.ALLOWED
    return Verdict.LACKS_RIGHT


def can(standing: Standing, permission: Permission) -> bool:
    return decide(standing, permission) is Verdict.ALLOWED
