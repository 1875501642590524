"""Who listens to what, on one page: features, their blueprints, their extension points, and the signals between them."""

from collections.abc import Sequence

from flask import Blueprint

from swapmeet.accounts import extensions as accounts
from swapmeet.badges import extensions as badges
from swapmeet.events import extensions as events
from swapmeet.infra import forgetting, invariants
from swapmeet.infra.audit import LogData
from swapmeet.infra.jobs import Handler, tidy
from swapmeet.infra.mailer import mark_sent, prepare_mail
from swapmeet.infra.outbox import FILES_MAIL_JOB, MAIL_JOB
from swapmeet.infra.registry import PersonalData, Registry
from swapmeet.orders import extensions as orders
from swapmeet.payments import extensions as payments
from swapmeet.program import extensions as program
from swapmeet.questions import extensions as questions
from swapmeet.registration import extensions as registration
from swapmeet.trades import extensions as trades
from swapmeet.vendor_tables import extensions as vendor_tables
from swapmeet.web.views import bp as web_blueprint

FEATURES = (accounts, events, payments, questions, orders, badges, registration, program, vendor_tables, trades)


def build_registry() -> Registry:
    """Every extension point, filled. Lists keep the order of FEATURES; what has an `order` is sorted by it."""
    registry = Registry()
    registry.jobs[MAIL_JOB] = Handler(run=mark_sent, prepare=prepare_mail)
    registry.jobs[forgetting.FORGET_JOB] = forgetting.HANDLER
    registry.jobs[FILES_MAIL_JOB] = Handler(run=mark_sent, prepare=prepare_mail, heavy=True)
    registry.doctor += invariants.QUERIES
    registry.personal_data.append(LogData())
    registry.periodic.append((600.0, "tidy jobs", tidy))
    for feature in FEATURES:
        feature.bind(registry)
    registry.personal_data = behind_what_leads_there(registry.personal_data)
    registry.import_steps.sort(key=lambda step: step.order)
    registry.clone_steps.sort(key=lambda step: step.order)
    registry.demo.sort(key=lambda step: step.order)
    registry.doctor.sort(key=lambda query: (query.invariant, query.name))
    return registry


def behind_what_leads_there(parts: Sequence[PersonalData]) -> list[PersonalData]:
    """Each part after those it is found by, else in the order given. Erasing goes from the last to the first."""
    placed: dict[str, PersonalData] = {}
    waiting = list(parts)
    while waiting:
        ready = next((part for part in waiting if placed.keys() >= set(part.found_by)), None)
        if ready is None:
            raise RuntimeError(
                f"Nothing leads to {[part.name for part in waiting]} of a person's data, or each to the other."
            )
        placed[ready.name] = ready
        waiting.remove(ready)
    return list(placed.values())


def blueprints() -> list[Blueprint]:
    """All blueprints, the shell's own first."""
    return [web_blueprint] + [blueprint for feature in FEATURES for blueprint in feature.BLUEPRINTS]
