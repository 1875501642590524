"""People name who may hand in and collect for them."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.badges import qr
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.trades.rounds import hand_queries, queries
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.forms import ProxyForm
from swapmeet.trades.rounds.models import RoundMember, TradeRound
from swapmeet.trades.rounds.services import proxies
from swapmeet.trades.rounds.views import bp, open_show, step
from swapmeet.trades.views.blueprint import own_id
from swapmeet.web.access import actor, signed_in


def _own_member(db_session: Any, round_: TradeRound) -> RoundMember:
    member = queries.find_member(db_session, round_id=round_.id, person_id=own_id())
    if member is None:
        raise NoSuchRound("You have nothing in this round.")
    return member


@bp.get("/shows/<slug>/rounds/<int:round_id>/proxies")
@signed_in
def show_proxies(slug: str, round_id: int) -> ResponseReturnValue:
    """Who may collect for me, with the codes they show at the desk."""
    return _page(slug, round_id, ProxyForm(formdata=None))


def _page(slug: str, round_id: int, form: ProxyForm) -> str:
    event, round_ = open_show(slug, round_id)
    member = _own_member(db.session(), round_)
    rows = hand_queries.list_proxies(db.session(), member_id=member.id)
    codes = {row.id: qr.svg(row.code) for row in rows}
    return render_template(
        "trades/rounds/proxies.html", event=event, round=round_, rows=rows, codes=codes, form=form, most=proxies.MOST
    )


@bp.post("/shows/<slug>/rounds/<int:round_id>/proxies")
@signed_in
def name_proxy(slug: str, round_id: int) -> ResponseReturnValue:
    """Name somebody."""
    form = ProxyForm()
    if not form.validate_on_submit():
        return _page(slug, round_id, form), 422

    def do(db_session: Any, round_: TradeRound) -> str:
        member = _own_member(db_session, round_)
        row = proxies.name_proxy(
            db_session, round_=round_, member=member, name=form.name.data or "", by=actor(), now=utcnow()
        )
        return f"{row.name} can hand in and collect for you. Give them the code."

    return step(slug, round_id, "", do, back=url_for(".show_proxies", slug=slug, round_id=round_id))


@bp.post("/shows/<slug>/rounds/<int:round_id>/proxies/<int:proxy_id>/removal")
@signed_in
def revoke_proxy(slug: str, round_id: int, proxy_id: int) -> ResponseReturnValue:
    """Take it back; the code is no longer good."""

    def do(db_session: Any, round_: TradeRound) -> str:
        row = hand_queries.get_proxy(db_session, proxy_id, member_id=_own_member(db_session, round_).id)
        proxies.revoke_proxy(db_session, round_=round_, row=row, by=actor(), now=utcnow())
        return f"{row.name} can no longer collect for you."

    return step(slug, round_id, "", do, back=url_for(".show_proxies", slug=slug, round_id=round_id))
