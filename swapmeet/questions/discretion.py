"""Answers about health are for few eyes: the buyer's own, and those of the team's with the right. Others see that there are some."""

from collections.abc import Sequence
from dataclasses import replace

from flask_login import current_user

from swapmeet.access.permissions import Permission
from swapmeet.infra.registry import registry
from swapmeet.orders.models import Order
from swapmeet.questions.blocks import Block
from swapmeet.web.filters import plural

Apart = Sequence[tuple[str, str]]  # (whose, what is there in words) of answers that are not shown


def keep_apart(blocks: Sequence[Block]) -> tuple[list[Block], Apart]:
    """The blocks without their questions about health, and what was taken out, without what was said."""
    found, apart = [], []
    for block in blocks:
        health = [each for each in block.questions if each.is_health]
        if health:
            count = sum(each.key in block.values for each in health)
            words = plural(count, "answer", "answers") if count else "not answered"
            apart.append((block.title, f"{words}, not shown here"))
        others = [each for each in block.questions if not each.is_health]
        if others:
            found.append(replace(block, questions=others))
    return found, apart


def shown_to_reader(order: Order, blocks: Sequence[Block]) -> tuple[Sequence[Block], Apart]:
    """What whoever has opened the buyer's page may see: somebody of the team without the right looks at others' health no more there."""
    is_asked = any(each.is_health for block in blocks for each in block.questions)
    if not is_asked or not current_user.is_authenticated or _is_own(order):
        return blocks, ()
    scope = registry().scopes["slug"](order.event.slug)
    is_of_team = scope is not None and scope.can(Permission.EVENT_VIEW)
    return keep_apart(blocks) if is_of_team and not scope.can(Permission.HEALTH_VIEW) else (blocks, ())


def _is_own(order: Order) -> bool:
    is_by_address = bool(order.buyer_email) and current_user.confirmed_at and current_user.email == order.buyer_email
    return bool(current_user.id == order.person_id or is_by_address)
