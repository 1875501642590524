"""Roles are sets of permissions. Nobody but the treasurer and the owner sees money."""

from enum import StrEnum

from swapmeet.access.permissions import Permission as P


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    TREASURER = "treasurer"
    REGISTRAR = "registrar"
    FLOOR_MANAGER = "floor_manager"
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
    Role.PROGRAM_CHAIR: "Program sessions and teachers.",
    Role.CONTEST_CHAIR: "Contests; sees the show.",
    Role.TRADE_HOST: "Trades: reports and the trade desk.",
    Role.DOOR: "Checks people in.",
    Role.MODERATOR: "Reports and blocked people.",
    Role.VIEWER: "Sees the overview, changes nothing.",
}

_MONEY = frozenset({P.MONEY_VIEW, P.MONEY_RECORD, P.MONEY_REFUND})
_OWNER_ONLY = frozenset({P.TEAM_EDIT, P.ORGANIZER_EDIT, P.EVENT_CANCEL})
_EVERY_MEMBER = frozenset({P.EVENT_VIEW, P.TEAM_VIEW})

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.OWNER: frozenset(P) - {P.SITE_ADMIN},
    Role.MANAGER: frozenset(P) - _MONEY - _OWNER_ONLY - {P.SITE_ADMIN},
    Role.TREASURER: _EVERY_MEMBER | _MONEY | {P.ORDERS_VIEW, P.ORDERS_EDIT, P.ATTENDEES_VIEW, P.AUDIT_VIEW},
    Role.REGISTRAR: _EVERY_MEMBER
    | {P.ORDERS_VIEW, P.ORDERS_EDIT, P.ATTENDEES_VIEW, P.ATTENDEES_EDIT, P.TICKETS_EDIT, P.DOOR_CHECK_IN, P.DOOR_UNDO},
    Role.FLOOR_MANAGER: _EVERY_MEMBER | {P.TABLES_EDIT, P.VENDORS_VIEW},
    Role.PROGRAM_CHAIR: _EVERY_MEMBER | {P.PROGRAM_EDIT},
    Role.CONTEST_CHAIR: _EVERY_MEMBER,
    Role.TRADE_HOST: _EVERY_MEMBER | {P.TRADES_MODERATE},
    Role.DOOR: frozenset({P.EVENT_VIEW, P.DOOR_CHECK_IN, P.DOOR_UNDO}),
    Role.MODERATOR: _EVERY_MEMBER | {P.TRADES_MODERATE},
    Role.VIEWER: _EVERY_MEMBER,
}
