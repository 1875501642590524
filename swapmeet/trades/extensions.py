"""What trades brings to the whole: its blueprints, and its part of every extension point."""

from functools import partial

from flask import Blueprint

from swapmeet.infra.registry import CloneStep, DemoStep, ImportStep, Registry
from swapmeet.trades import demo, doctor, importing, jobs, mail, panels, personal
from swapmeet.trades.consignment import parts as consignment
from swapmeet.trades.exchanges import parts as exchanges
from swapmeet.trades.manage import manage_bp
from swapmeet.trades.rounds import parts as rounds
from swapmeet.trades.views import bp

BLUEPRINTS: list[Blueprint] = [bp, manage_bp, *rounds.BLUEPRINTS, *exchanges.BLUEPRINTS, *consignment.BLUEPRINTS]


def bind(registry: Registry) -> None:
    """Fill the extension points with this feature's parts."""
    panels.register(registry)
    jobs.register(registry)
    for kind in mail.SUBJECTS:
        registry.composers[kind] = partial(mail.compose_offer_mail, kind)
    registry.composers["trades.hidden"] = mail.compose_hidden
    registry.import_steps.append(
        ImportStep(60, "trades", frozenset({"trade"}), importing.check_trade, importing.apply_trade)
    )
    registry.clone_steps.append(CloneStep(60, importing.copy_trade))
    rounds.register(registry)
    exchanges.register(registry)
    consignment.register(registry)
    registry.doctor += doctor.QUERIES
    registry.demo.append(DemoStep(60, "trades", demo.fill))
    registry.personal_data.append(personal.TradesData())
