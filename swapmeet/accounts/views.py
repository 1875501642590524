"""A person's own account pages, and the invitation behind a mail's link."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.access.decide import permissions_of
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_LABELS, Role
from swapmeet.accounts import identity, queries, sessions
from swapmeet.accounts.devices import device_words
from swapmeet.accounts.forms import ConfirmForm, EraseForm, RenameForm
from swapmeet.accounts.models import InvitationState, Person, TeamMember
from swapmeet.accounts.services import people, teams
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.web.access import actor, by_link, signed_in

bp = Blueprint("accounts", __name__)

View = TypeVar("View", bound=Callable[..., Any])

LATELY = timedelta(minutes=30)


def lately(view: View) -> View:
    """Below `@signed_in`: asks for the password again when it was given longer than half an hour ago."""

    @wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        here = identity.signed_in_by()
        if here is None or utcnow() - here.verified_at > LATELY:
            flash("To be sure it is you, please give your password again.", "info")
            return redirect(url_for("security.verify", next=request.path), 303)
        return view(*args, **kwargs)

    return cast(View, wrapper)


@bp.get("/me")
@signed_in
def my_account() -> ResponseReturnValue:
    """Everything about one's account, on one page."""
    db_session = db.session()
    return render_template(
        "accounts/me.html",
        memberships=queries.list_memberships(db_session, person_id=current_user.id),
        passkeys=len(current_user.webauthn),
        sign_ins=len(sessions.list_live(db_session, person_id=current_user.id, now=utcnow())),
        role_labels=role_labels,
        sees_team=sees_team,
    )


def sees_team(member: TeamMember) -> bool:
    """May the member open the page of the club's team?"""
    return member.event_id is None and Permission.TEAM_VIEW in permissions_of(member.role_set)


def role_labels(member: TeamMember) -> str:
    """The roles of a member in words."""
    return ", ".join(label for role, label in ROLE_LABELS.items() if role in member.role_set)


@bp.route("/me/name", methods=["GET", "POST"])
@signed_in
def edit_name() -> ResponseReturnValue:
    form = RenameForm(obj=current_user)
    if not form.validate_on_submit():
        return render_template("accounts/name.html", form=form), _status()
    with transaction() as db_session:
        people.rename(db_session, person=_me(), name=str(form.name.data))
    flash("Saved.", "ok")
    return redirect(url_for(".my_account"), 303)


@bp.get("/me/sign-ins")
@signed_in
def list_sign_ins() -> ResponseReturnValue:
    """Where one is signed in, newest first."""
    rows = sessions.list_live(db.session(), person_id=current_user.id, now=utcnow())
    here = identity.signed_in_by()
    return render_template(
        "accounts/sign_ins.html", rows=rows, here=here.session_id if here else None, device_words=device_words
    )


@bp.post("/me/sign-ins/<int:session_id>/removal")
@signed_in
def end_sign_in(session_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        ended = sessions.revoke(db_session, person_id=current_user.id, only_id=session_id, now=utcnow())
    if not ended:
        raise NotFound("You are not signed in there.")
    flash("That device is signed out.", "ok")
    return redirect(url_for(".list_sign_ins"), 303)


@bp.post("/me/sign-ins/removal")
@signed_in
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    here = identity.signed_in_by()
    with transaction() as db_session:
        sessions.revoke(db_session, person_id=current_user.id, except_token=here.token if here else None, now=utcnow())
    flash("You are signed out everywhere else.", "ok")
    return redirect(url_for(".list_sign_ins"), 303)


@bp.get("/me/data.json")
@signed_in
@lately
def export_data() -> ResponseReturnValue:
    """All that Swapmeet knows about the person, as one file."""
    db_session, parts = db.session(), registry().personal_data
    data = {part.name: part.export(db_session, person_id=current_user.id) for part in parts}
    response = jsonify(data)
    response.headers["Content-Disposition"] = 'attachment; filename="swapmeet-my-data.json"'
    return response


@bp.route("/me/erasure", methods=["GET", "POST"])
@signed_in
@lately
def erase_account() -> ResponseReturnValue:
    """Close the account for good."""
    form = EraseForm()
    if not form.validate_on_submit():
        return render_template("accounts/erase.html", form=form), _status()
    try:
        with transaction() as db_session:
            person = _me()
            people.erase_person(
                db_session, person=person, parts=registry().personal_data, by=Actor.person(person.id), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return render_template("accounts/erase.html", form=form), 409
    identity.drop_cookie()
    flash("Your account is closed. What named you is erased.", "ok")
    return redirect("/", 303)


@bp.post("/me/teams/<int:member_id>/departure")
@signed_in
def leave_team(member_id: int) -> ResponseReturnValue:
    """Leave a team by oneself."""
    with transaction() as db_session:
        member = queries.get_membership(db_session, member_id, person_id=current_user.id)
        name = member.organizer.name
        teams.remove_member(db_session, organizer=member.organizer, member=member, by=actor(), now=utcnow())
    flash(f"You have left the team of {name}.", "ok")
    return redirect(url_for(".my_account"), 303)


@bp.get("/invitations/<key>")
@by_link
def show_invitation(key: str) -> ResponseReturnValue:
    """What is offered and by whom; joining is the button."""
    invitation = queries.get_invitation_by_key(db.session(), key)
    is_open = invitation.state is InvitationState.OPEN and invitation.expires_at > utcnow()
    return render_template(
        "accounts/invitation.html",
        invitation=invitation,
        key=key,
        is_open=is_open,
        roles=[ROLE_LABELS[Role(value)] for value in invitation.roles],
        is_other=current_user.is_authenticated and current_user.email != invitation.email,
        form=ConfirmForm(),
    )


@bp.post("/invitations/<key>")
@by_link
def accept_invitation(key: str) -> ResponseReturnValue:
    """Join the team."""
    if not current_user.is_authenticated:
        return redirect(url_for("security.login", next=url_for(".show_invitation", key=key)), 303)
    with transaction() as db_session:
        invitation = queries.get_invitation_by_key(db_session, key)
        teams.accept_invitation(db_session, invitation=invitation, person=_me(), by=actor(), now=utcnow())
        name = invitation.organizer.name
    flash(f"Welcome to the team of {name}.", "ok")
    return redirect(url_for("events_manage.list_mine"), 303)


def _me() -> Person:
    """The signed-in person, read in the running transaction."""
    return queries.get_person(db.session(), current_user.id)


def _status() -> int:
    return 422 if request.method == "POST" else 200
