"""Organizer pages of accounts: clubs, their teams and API tokens. A show has a team and tokens of its own besides.

The pages of club and show are one code: `Place` says which it is. The show arrives through the scope of its address.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.access.decide import can
from swapmeet.access.permissions import Permission
from swapmeet.access.roles import ROLE_LABELS
from swapmeet.accounts import queries
from swapmeet.accounts.forms import PERMISSION_WORDS, InviteForm, OrganizerForm, RolesForm, TokenForm
from swapmeet.accounts.models import Organizer, TeamMember
from swapmeet.accounts.services import organizers, teams, tokens
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires, signed_in
from swapmeet.web.security import limit

bp = Blueprint("accounts_manage", __name__, url_prefix="/manage")

CLUB = "/organizers/<organizer_slug>"
SHOW = "/shows/<slug>"


@dataclass(frozen=True)
class Place:
    """A club, or one of its shows: what its pages say and where they lie."""

    organizer: Organizer
    event: Any = None

    @property
    def event_id(self) -> int | None:
        return None if self.event is None else int(self.event.id)

    def url(self, page: str, **values: Any) -> str:
        """The address of "team", "invite", … of this place."""
        if self.event is None:
            return url_for(f".club_{page}", organizer_slug=self.organizer.slug, **values)
        return url_for(f".show_{page}", slug=self.event.slug, **values)

    def keys(self) -> dict[str, Any]:
        """The two keys that find members, invitations and tokens of this very place."""
        return {"organizer_id": self.organizer.id, "event_id": self.event_id}


def _place(thing: Any) -> Place:
    return Place(thing) if isinstance(thing, Organizer) else Place(thing.organizer, thing)


@bp.route("/organizers/new", methods=["GET", "POST"])
@signed_in
def new_organizer() -> ResponseReturnValue:
    form = OrganizerForm()
    if not form.validate_on_submit():
        return render_template("accounts/organizer_new.html", form=form), _status()
    with transaction() as db_session:
        organizers.create_organizer(
            db_session, details=form.details(), owner_id=current_user.id, by=actor(), now=utcnow()
        )
    flash("Your club is here. Now add your first show.", "ok")
    return redirect(url_for("events_manage.list_mine"), 303)


@bp.route(f"{CLUB}/details", methods=["GET", "POST"])
@requires(Permission.ORGANIZER_EDIT, scope="organizer_slug")
def edit_organizer(organizer: Organizer) -> ResponseReturnValue:
    form = OrganizerForm(obj=organizer)
    if not form.validate_on_submit():
        return render_template("accounts/organizer_edit.html", form=form, organizer=organizer), _status()
    with transaction() as db_session:
        organizers.edit_organizer(db_session, organizer=organizer, details=form.details(), by=actor(), now=utcnow())
    flash("Saved.", "ok")
    return redirect(url_for(".edit_organizer", organizer_slug=organizer.slug), 303)


@bp.get(f"{CLUB}/team", endpoint="club_team")
@requires(Permission.TEAM_VIEW, scope="organizer_slug")
def club_team(organizer: Organizer) -> ResponseReturnValue:
    return _team_page(Place(organizer), InviteForm())


@bp.get(f"{SHOW}/team", endpoint="show_team")
@requires(Permission.TEAM_VIEW)
def show_team(event: Any) -> ResponseReturnValue:
    return _team_page(_place(event), InviteForm())


@bp.post(f"{CLUB}/team/invitations", endpoint="club_invite")
@requires(Permission.TEAM_EDIT, scope="organizer_slug")
@limit("60 per hour")
def club_invite(organizer: Organizer) -> ResponseReturnValue:
    return _invite(Place(organizer))


@bp.post(f"{SHOW}/team/invitations", endpoint="show_invite")
@requires(Permission.TEAM_EDIT)
@limit("60 per hour")
def show_invite(event: Any) -> ResponseReturnValue:
    return _invite(_place(event))


@bp.post(f"{CLUB}/team/invitations/<int:invitation_id>/withdrawal", endpoint="club_withdraw")
@requires(Permission.TEAM_EDIT, scope="organizer_slug")
def club_withdraw(organizer: Organizer, invitation_id: int) -> ResponseReturnValue:
    return _withdraw(Place(organizer), invitation_id)


@bp.post(f"{SHOW}/team/invitations/<int:invitation_id>/withdrawal", endpoint="show_withdraw")
@requires(Permission.TEAM_EDIT)
def show_withdraw(event: Any, invitation_id: int) -> ResponseReturnValue:
    return _withdraw(_place(event), invitation_id)


@bp.route(f"{CLUB}/team/members/<int:member_id>", methods=["GET", "POST"], endpoint="club_member")
@requires(Permission.TEAM_EDIT, scope="organizer_slug")
def club_member(organizer: Organizer, member_id: int) -> ResponseReturnValue:
    return _edit_member(Place(organizer), member_id)


@bp.route(f"{SHOW}/team/members/<int:member_id>", methods=["GET", "POST"], endpoint="show_member")
@requires(Permission.TEAM_EDIT)
def show_member(event: Any, member_id: int) -> ResponseReturnValue:
    return _edit_member(_place(event), member_id)


@bp.post(f"{CLUB}/team/members/<int:member_id>/removal", endpoint="club_remove")
@requires(Permission.TEAM_EDIT, scope="organizer_slug")
def club_remove(organizer: Organizer, member_id: int) -> ResponseReturnValue:
    return _remove_member(Place(organizer), member_id)


@bp.post(f"{SHOW}/team/members/<int:member_id>/removal", endpoint="show_remove")
@requires(Permission.TEAM_EDIT)
def show_remove(event: Any, member_id: int) -> ResponseReturnValue:
    return _remove_member(_place(event), member_id)


@bp.route(f"{CLUB}/tokens", methods=["GET", "POST"], endpoint="club_tokens")
@requires(Permission.ORGANIZER_EDIT, scope="organizer_slug")
def club_tokens(organizer: Organizer) -> ResponseReturnValue:
    return _tokens_page(Place(organizer))


@bp.route(f"{SHOW}/tokens", methods=["GET", "POST"], endpoint="show_tokens")
@requires(Permission.ORGANIZER_EDIT)
def show_tokens(event: Any) -> ResponseReturnValue:
    return _tokens_page(_place(event))


@bp.post(f"{CLUB}/tokens/<int:token_id>/revocation", endpoint="club_revoke")
@requires(Permission.ORGANIZER_EDIT, scope="organizer_slug")
def club_revoke(organizer: Organizer, token_id: int) -> ResponseReturnValue:
    return _revoke(Place(organizer), token_id)


@bp.post(f"{SHOW}/tokens/<int:token_id>/revocation", endpoint="show_revoke")
@requires(Permission.ORGANIZER_EDIT)
def show_revoke(event: Any, token_id: int) -> ResponseReturnValue:
    return _revoke(_place(event), token_id)


def _team_page(place: Place, form: InviteForm, status: int = 200) -> ResponseReturnValue:
    db_session, now = db.session(), utcnow()
    whole = queries.list_team(db_session, organizer_id=place.organizer.id, event_id=None) if place.event else []
    return render_template(
        "accounts/team.html",
        place=place,
        event=place.event,
        organizer=place.organizer,
        members=queries.list_team(db_session, **place.keys()),
        whole_club=whole,
        invitations=queries.list_open_invitations(db_session, **place.keys(), now=now),
        form=form,
        role_labels=role_labels,
        sees_club=current_user.is_site_admin or _is_in_club(place.organizer.id),
    ), status


def _is_in_club(organizer_id: int) -> bool:
    """On the team of the whole club, not of one show only."""
    return any(row.organizer_id == organizer_id and row.event_id is None for row in current_user.memberships)


def role_labels(member: TeamMember) -> str:
    """The roles of a member or invitation in words."""
    return ", ".join(label for role, label in ROLE_LABELS.items() if role.value in member.roles)


def _invite(place: Place) -> ResponseReturnValue:
    form = InviteForm()
    if not form.validate_on_submit():
        return _team_page(place, form, 422)
    try:
        with transaction() as db_session:
            teams.invite(
                db_session,
                organizer=place.organizer,
                event_id=place.event_id,
                email=str(form.email.data),
                roles=form.chosen(),
                public_url=current_app.config["SWAPMEET_PUBLIC_URL"],
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        form.hang(error)
        return _team_page(place, form, 422)
    flash(f"The invitation to {form.email.data} is on its way. It stands for two weeks.", "ok")
    return redirect(place.url("team"), 303)


def _withdraw(place: Place, invitation_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        invitation = queries.get_invitation(db_session, invitation_id, **place.keys())
        teams.withdraw_invitation(db_session, invitation=invitation, by=actor(), now=utcnow())
    flash("The invitation is withdrawn. Its link opens nothing any more.", "ok")
    return redirect(place.url("team"), 303)


def _edit_member(place: Place, member_id: int) -> ResponseReturnValue:
    member = queries.get_member(db.session(), member_id, **place.keys())
    form = RolesForm(roles=list(member.roles))
    if not form.validate_on_submit():
        return _member_page(place, member, form, _status())
    try:
        with transaction() as db_session:
            member = queries.get_member(db_session, member_id, **place.keys())
            teams.change_roles(
                db_session,
                organizer=place.organizer,
                member=member,
                roles=form.chosen(),
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        form.hang(error)
        return _member_page(place, member, form, 422)
    flash("Saved.", "ok")
    return redirect(place.url("team"), 303)


def _member_page(place: Place, member: TeamMember, form: RolesForm, status: int) -> ResponseReturnValue:
    context = {"place": place, "event": place.event, "organizer": place.organizer}
    return render_template("accounts/member.html", **context, member=member, form=form), status


def _remove_member(place: Place, member_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        member = queries.get_member(db_session, member_id, **place.keys())
        teams.remove_member(db_session, organizer=place.organizer, member=member, by=actor(), now=utcnow())
    flash("That person is off the team.", "ok")
    return redirect(place.url("team"), 303)


def _tokens_page(place: Place) -> ResponseReturnValue:
    form = TokenForm()
    own = [right for right in tokens.TOKEN_PERMISSIONS if can(g.scope.standing, right)]
    form.permissions.choices = [(right.value, PERMISSION_WORDS[right]) for right in own]
    secret = ""
    if form.validate_on_submit():
        with transaction() as db_session:
            _, secret = tokens.create_token(
                db_session,
                **place.keys(),
                owner_id=current_user.id,
                standing=g.scope.standing,
                label=str(form.label.data),
                permissions=form.chosen(),
                days=int(form.days.data),
                by=actor(),
                now=utcnow(),
            )
    rows = queries.list_tokens(db.session(), **place.keys())
    page = render_template(
        "accounts/tokens.html",
        place=place,
        event=place.event,
        organizer=place.organizer,
        form=form,
        tokens=rows,
        secret=secret,
        words=PERMISSION_WORDS,
        rights=Permission,
        now=utcnow(),
    )
    return page, 201 if secret else _status()


def _revoke(place: Place, token_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        token = queries.get_token(db_session, token_id, **place.keys())
        tokens.revoke_token(db_session, token=token, by=actor(), now=utcnow())
    flash("The token is revoked. Programs that use it get no answer any more.", "ok")
    return redirect(place.url("tokens"), 303)


def _status() -> int:
    return 422 if request.method == "POST" else 200
