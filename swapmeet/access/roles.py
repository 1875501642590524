"""Roles are sets of permissions. Nobody but the treasurer and the owner sees money."""

from enum import StrEnum

from swapmeet.access.permissions import Permission


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    TREASURER = "treasurer"
    REGISTRAR = "registrar"
    FLOOR_MANAGER = "floor_manager"
    REVIEWER = "reviewer"
    PROGRAM_CHAIR = "program_chair"
    CONTEST_CHAIR = "contest_chair"
    TRADE_HOST = "trade_host"
    DOOR = "door"
    MODERATOR = "moderator"
    VIEWER = "viewer"


ROLE_LABELS: dict[Role, str] = {
    Role.OWNER: "Owner",
    Role.MANAGER: "Manager",
    Role.TREASURER: "Treasurer",
    Role.REGISTRAR: "Registrar",
    Role.FLOOR_MANAGER: "Floor manager",
    Role.REVIEWER: "Reviewer",
    Role.PROGRAM_CHAIR: "Program chair",
    Role.CONTEST_CHAIR: "Contest chair",
    Role.TRADE_HOST: "Trade host",
    Role.DOOR: "Door",
    Role.MODERATOR: "Moderator",
    Role.VIEWER: "Viewer",
}

ROLE_HINTS: dict[Role, str] = {
    Role.OWNER: "Everything, money and the team included.",
    Role.MANAGER: "Runs the shows: everything but money and the team.",
    Role.TREASURER: "Money: payments, refunds, exports.",
    Role.REGISTRAR: "Attendees, orders and badges.",
    Role.FLOOR_MANAGER: "Floor plan, tables and vendors.",
    Role.REVIEWER: "Scores vendors’ applications; sees no contacts.",
    Role.PROGRAM_CHAIR: "Program sessions and teachers.",
    Role.CONTEST_CHAIR: "Contests; sees the show.",
    Role.TRADE_HOST: "Trades: reports, trade rounds and the trade desk.",
    Role.DOOR: "Checks people in.",
    Role.MODERATOR: "Reports and blocked people.",
    Role.VIEWER: "Sees the overview, changes nothing.",
}

_MONEY = frozenset({Permission.MONEY_VIEW, Permission.MONEY_RECORD, Permission.MONEY_REFUND})
_OWNER_ONLY = frozenset({Permission.TEAM_EDIT, Permission.ORGANIZER_EDIT, Permission.EVENT_CANCEL})
_EVERY_MEMBER = frozenset({Permission.EVENT_VIEW, Permission.TEAM_VIEW})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission) - {Permission.SITE_ADMIN},
    Role.MANAGER: frozenset(Permission) - _MONEY - _OWNER_ONLY - {Permission.SITE_ADMIN},
    Role.TREASURER: _EVERY_MEMBER
    | _MONEY
    | {Permission.ORDERS_VIEW, Permission.ORDERS_EDIT, Permission.ATTENDEES_VIEW, Permission.AUDIT_VIEW},
    Role.REGISTRAR: _EVERY_MEMBER
    | {
        Permission.ORDERS_VIEW,
        Permission.ORDERS_EDIT,
        Permission.ATTENDEES_VIEW,
        Permission.ATTENDEES_EDIT,
        Permission.TICKETS_EDIT,
        Permission.DOOR_CHECK_IN,
        Permission.DOOR_UNDO,
    },
    Role.FLOOR_MANAGER: _EVERY_MEMBER | {Permission.TABLES_EDIT, Permission.VENDORS_VIEW, Permission.VENDORS_SCORE},
    Role.REVIEWER: _EVERY_MEMBER | {Permission.VENDORS_SCORE},
    Role.PROGRAM_CHAIR: _EVERY_MEMBER | {Permission.PROGRAM_EDIT},
    Role.CONTEST_CHAIR: _EVERY_MEMBER,
    Role.TRADE_HOST: _EVERY_MEMBER | {Permission.TRADES_MODERATE, Permission.TRADES_HOST},
    Role.DOOR: frozenset({Permission.EVENT_VIEW, Permission.DOOR_CHECK_IN, Permission.DOOR_UNDO}),
    Role.MODERATOR: _EVERY_MEMBER | {Permission.TRADES_MODERATE},
    Role.VIEWER: _EVERY_MEMBER,
}
