"""Roles as sets of rights, and the one function that says yes or no. Pure: no database."""

import pytest

from swapmeet.access.decide import Standing, Verdict, can, decide, permissions_of
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_HINTS, ROLE_LABELS, ROLE_PERMISSIONS, Role

MONEY = {Permission.MONEY_VIEW, Permission.MONEY_RECORD, Permission.MONEY_REFUND}
EVERY_RIGHT = list(Permission)


def test_every_role_has_rights_a_label_and_a_hint() -> None:
    assert set(ROLE_PERMISSIONS) == set(ROLE_LABELS) == set(ROLE_HINTS) == set(Role)
    assert all(ROLE_PERMISSIONS[role] for role in Role)


def test_nobody_but_treasurer_and_owner_sees_money() -> None:
    assert {role for role in Role if MONEY & ROLE_PERMISSIONS[role]} == {Role.TREASURER, Role.OWNER}


@pytest.mark.parametrize("permission", [Permission.TEAM_EDIT, Permission.ORGANIZER_EDIT, Permission.EVENT_CANCEL])
def test_team_club_and_calling_off_belong_to_the_owner(permission: Permission) -> None:
    assert [role for role in Role if permission in ROLE_PERMISSIONS[role]] == [Role.OWNER]


def test_no_role_makes_a_site_admin() -> None:
    assert not any(Permission.SITE_ADMIN in rights for rights in ROLE_PERMISSIONS.values())


def test_the_door_sees_neither_team_nor_attendees_nor_orders() -> None:
    assert ROLE_PERMISSIONS[Role.DOOR] == {Permission.EVENT_VIEW, Permission.DOOR_CHECK_IN, Permission.DOOR_UNDO}


def test_the_viewer_changes_nothing() -> None:
    assert {right.value.partition(".")[2] for right in ROLE_PERMISSIONS[Role.VIEWER]} == {"view"}


@pytest.mark.parametrize("permission", EVERY_RIGHT)
def test_without_any_standing_everything_is_denied_as_to_a_stranger(permission: Permission) -> None:
    assert decide(Standing(), permission) is Verdict.STRANGER


@pytest.mark.parametrize("role", list(Role))
def test_a_member_has_the_rights_of_the_role_and_lacks_all_others(role: Role) -> None:
    standing = Standing(frozenset({role}))
    for permission in Permission:
        expected = Verdict.ALLOWED if permission in ROLE_PERMISSIONS[role] else Verdict.LACKS_RIGHT
        assert decide(standing, permission) is expected


def test_several_roles_add_up() -> None:
    both = Standing(frozenset({Role.DOOR, Role.TREASURER}))
    assert {p for p in Permission if can(both, p)} == permissions_of([Role.DOOR, Role.TREASURER])
    assert can(both, Permission.MONEY_REFUND) and can(both, Permission.DOOR_CHECK_IN)


@pytest.mark.parametrize("role", list(Role))
def test_r_t10_a_token_never_widens_what_its_owner_may(role: Role) -> None:
    everything = Standing(frozenset({role}), token_permissions=frozenset(Permission))
    nothing = Standing(frozenset({role}), token_permissions=frozenset())
    for permission in Permission:
        assert can(everything, permission) == (permission in ROLE_PERMISSIONS[role])
        assert not can(nothing, permission)


def test_a_token_narrows_even_a_site_admin() -> None:
    admin = Standing(is_site_admin=True, token_permissions=frozenset({Permission.EVENT_VIEW}))
    assert {p for p in Permission if can(admin, p)} == {Permission.EVENT_VIEW}
