"""Mails that go out by themselves some days before the show: write, see who gets it, approve."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.announcements import rules
from swapmeet.orders.announcements.models import RuleState
from swapmeet.orders.announcements.sending import count_addresses, list_names, segments
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage import bp
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form, LineField, NotBlank, ProseField, WholeField

SHOWN = 200
STATE_WORDS = {
    RuleState.WRITTEN: ("warn", "Waits for approval"),
    RuleState.APPROVED: ("info", "Approved"),
    RuleState.SENT: ("ok", "Sent"),
    RuleState.WITHDRAWN: ("bad", "Withdrawn"),
}


class RuleForm(Form):
    """A mail and its day; who gets it is chosen among the groups of the show."""

    title = LineField("Subject", [NotBlank("Write the subject.")], limit=200)
    body = ProseField("Text", [NotBlank("Write the text.")], limit=4000)
    days_before = WholeField(
        "Days before the first day", [InputRequired("Write a number of days, or 0.")], low=0, high=365
    )
    segment = SelectField("Who gets it", validate_choice=False)
    is_public = BooleanField(
        "Show it among the news on the show's page too",
        description="Everybody can read it there. Without the tick only those it is mailed to see it.",
    )


@bp.route("/scheduled-mails", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def list_rules(event: Event) -> ResponseReturnValue:
    """All of them, and the form for another one."""
    form = RuleForm()
    groups = segments(db.session(), event)
    form.segment.choices = groups
    if form.validate_on_submit():
        event_id, slug = event.id, event.slug
        try:
            rule_id = attempt(lambda db_session: _write(db_session, event_id, form))
        except DomainError as error:
            form.hang(error)
        else:
            flash("Written down. Look at who gets it, then approve it.", "ok")
            return redirect(url_for("orders_manage.show_rule", slug=slug, rule_id=rule_id), 303)
    page = render_template(
        "orders/manage_rules.html",
        event=event,
        form=form,
        rules=rules.list_rules(db.session(), event),
        groups=dict(groups),
        state_words=STATE_WORDS,
    )
    return page, 422 if form.is_submitted() else 200


def _write(db_session: Session, event_id: int, form: Any) -> int:
    rule = rules.write_rule(
        db_session,
        event=db_session.get_one(Event, event_id),
        title=form.title.data or "",
        body=form.body.data or "",
        segment=form.segment.data or "",
        days_before=form.days_before.data,
        is_public=bool(form.is_public.data),
        by=actor(),
        now=utcnow(),
    )
    return rule.id


@bp.get("/scheduled-mails/<int:rule_id>")
@requires(Permission.ORDERS_EDIT)
def show_rule(event: Event, rule_id: int) -> ResponseReturnValue:
    """The mail, its day, and who would get it now."""
    db_session = db.session()
    rule = rules.get_rule(db_session, event_id=event.id, rule_id=rule_id)
    groups = dict(segments(db_session, event))
    is_there = rule.segment in groups
    return render_template(
        "orders/manage_rule.html",
        event=event,
        rule=rule,
        goes_on=rule.goes_on(event.first_day),
        group=groups.get(rule.segment, "A group that is not there any more"),
        state=STATE_WORDS[rule.state],
        count=count_addresses(db_session, event, rule.segment) if is_there else 0,
        names=list_names(db_session, event, rule.segment, SHOWN) if is_there else [],
    )


@bp.post("/scheduled-mails/<int:rule_id>/approval")
@requires(Permission.ORDERS_EDIT)
def approve_rule(event: Event, rule_id: int) -> ResponseReturnValue:
    """It goes out on its day from now on."""
    return _step(event, rule_id, rules.approve_rule, "Approved. It goes out by itself on its day.")


@bp.post("/scheduled-mails/<int:rule_id>/withdrawal")
@requires(Permission.ORDERS_EDIT)
def withdraw_rule(event: Event, rule_id: int) -> ResponseReturnValue:
    """It is not sent."""
    return _step(event, rule_id, rules.withdraw_rule, "Withdrawn. Nobody gets it.")


def _step(event: Event, rule_id: int, deed: Any, words: str) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug

    def work(db_session: Session) -> None:
        rule = rules.get_rule(db_session, event_id=event_id, rule_id=rule_id)
        deed(db_session, rule=rule, by=actor(), now=utcnow())

    attempt(work)
    flash(words, "ok")
    return redirect(url_for("orders_manage.show_rule", slug=slug, rule_id=rule_id), 303)
