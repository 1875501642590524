"""Refund policies and house rules: saving makes a new version, orders keep theirs."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import queries, services
from swapmeet.events.forms import SPARE_STEPS, TermsForm, refund_form
from swapmeet.events.manage.blueprint import bp, setup_tabs
from swapmeet.events.models import Event, Policy, PolicyKind
from swapmeet.events.pages import POLICY_TITLES, words_of_policy
from swapmeet.events.prose import tidy_prose
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.web.access import actor, requires


@bp.get("/shows/<slug>/policies")
@requires(Permission.EVENT_EDIT)
def list_policies(event: Event) -> ResponseReturnValue:
    """Each policy in force in sentences, and the versions before it."""
    versions = queries.list_policy_versions(db.session(), event_id=event.id)
    return render_template(
        "events/policies.html",
        event=event,
        kinds=[(kind, POLICY_TITLES[kind], _of_kind(versions, kind)) for kind in PolicyKind],
        words={policy.id: words_of_policy(event, policy) for policy in versions},
        tabs_of_setup=setup_tabs(event),
    )


@bp.get("/shows/<slug>/policies/<kind>")
@requires(Permission.EVENT_EDIT)
def edit_policy(event: Event, kind: str) -> ResponseReturnValue:
    wanted = _kind(kind)
    current = queries.find_policy(db.session(), event_id=event.id, kind=wanted)
    return _policy_page(event, wanted, _form(event, wanted, current))


@bp.post("/shows/<slug>/policies/<kind>")
@requires(Permission.EVENT_EDIT)
def save_policy(event: Event, kind: str) -> ResponseReturnValue:
    """A new version, where something is different."""
    wanted = _kind(kind)
    form = TermsForm() if wanted is PolicyKind.TERMS else refund_form(event)
    if not form.validate_on_submit():
        return _policy_page(event, wanted, form), 422
    steps = [] if wanted is PolicyKind.TERMS else form.wanted_steps()
    text = tidy_prose(form.text.data or "")
    try:
        with transaction() as db_session:
            saved = services.save_policy(
                db_session, event=event, kind=wanted, steps=steps, text=text, by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _policy_page(event, wanted, form), 422
    if saved is None:
        flash("Nothing was different.", "info")
    else:
        flash(
            f"Version {saved.number} holds from now on. Orders placed before keep the version they were placed under.",
            "ok",
        )
    return redirect(url_for(".list_policies", slug=event.slug), 303)


def _kind(value: str) -> PolicyKind:
    kinds = {kind.value: kind for kind in PolicyKind}
    if value not in kinds:
        raise NotFound("There is no such policy.")
    return kinds[value]


def _of_kind(versions: list[Policy], kind: PolicyKind) -> list[Policy]:
    """Newest first."""
    return sorted((policy for policy in versions if policy.kind is kind), key=lambda policy: -policy.number)


def _form(event: Event, kind: PolicyKind, current: Policy | None) -> Any:
    text = current.text if current else ""
    if kind is PolicyKind.TERMS:
        return TermsForm(data={"text": text})
    steps = list(current.steps) if current else []
    return refund_form(event, data={"steps": [*steps, *({} for _ in range(SPARE_STEPS))], "text": text})


def _policy_page(event: Event, kind: PolicyKind, form: Any) -> str:
    return render_template("events/policy.html", event=event, kind=kind, title=POLICY_TITLES[kind], form=form)
