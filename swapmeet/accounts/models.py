"""People, organizers, teams, sign-in sessions and tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.access.roles import Role
from swapmeet.infra.db import Model
from swapmeet.infra.types import Json, UtcDateTime, enum_column, instant, optional_instant, pk


class Person(Model, UserMixin):
    """One sign-in for every role a person has. Column names that the account library fixes are kept as it wants them."""

    __tablename__ = "person"

    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column()  # naive UTC, as the account library writes it
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(1000))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    tf_last_counter: Mapped[int | None] = mapped_column()
    fs_webauthn_user_handle: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: uuid4().hex)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    password_is_short: Mapped[bool] = mapped_column(default=False)  # under 15 characters: needs the second factor
    is_site_admin: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[instant]
    erased_at: Mapped[optional_instant]

    webauthn: Mapped[list[Any]] = relationship("WebAuthn", back_populates="user", cascade="all, delete")
    memberships: Mapped[list["TeamMember"]] = relationship(back_populates="person", foreign_keys="TeamMember.person_id")

    @property
    def is_organizer(self) -> bool:
        """On some team. The sign-in session loads the memberships with the person, so this asks nothing."""
        return self.is_site_admin or bool(self.memberships)

    @property
    def has_second_factor(self) -> bool:
        """A code from an authenticator app is asked for after the password."""
        return bool(self.tf_primary_method and self.tf_totp_secret)


class WebAuthn(Model, WebAuthnMixin):
    """A passkey, in the shape the account library reads and writes."""

    __tablename__ = "webauthn"

    id: Mapped[pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool] = mapped_column()
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[datetime] = mapped_column()
    lastuse_datetime: Mapped[datetime] = mapped_column()
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))

    user: Mapped[Person] = relationship(back_populates="webauthn")


class SignInSession(Model):
    """One signed-in browser. The cookie holds a random token, the row its digest; a revoked row is dead at once."""

    __tablename__ = "sign_in_session"

    id: Mapped[pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[instant]
    verified_at: Mapped[instant]  # when the person last proved who they are in this browser
    expires_at: Mapped[instant]
    is_kept: Mapped[bool] = mapped_column(default=False)  # "keep me signed in": outlives the browser
    revoked_at: Mapped[optional_instant]
    device: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(String(64), default="")

    person: Mapped[Person] = relationship()


class SignInStep(Model):
    """What lies between two steps: whose password was right before the code, which challenge a passkey must answer."""

    __tablename__ = "sign_in_step"

    id: Mapped[pk]
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[instant]
    expires_at: Mapped[instant] = mapped_column(UtcDateTime, index=True)


class SignInFailure(Model):
    """Wrong tries in a row for one address, known or not, and one kind of proof. Only a digest of the address is kept."""

    __tablename__ = "sign_in_failure"

    id: Mapped[pk]
    address_digest: Mapped[str] = mapped_column(String(64), unique=True)
    count: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class Organizer(Model):
    """The club or company that runs shows."""

    __tablename__ = "organizer"

    id: Mapped[pk]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(255), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    country: Mapped[str] = mapped_column(String(2), default="")
    created_at: Mapped[instant]


class TeamMember(Model):
    """A person's roles at one organizer, for all its shows or (with `event_id`) for one."""

    __tablename__ = "team_member"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    roles: Mapped[list[str]] = mapped_column(Json, default=list)
    created_at: Mapped[instant]

    organizer: Mapped[Organizer] = relationship()
    person: Mapped[Person] = relationship(back_populates="memberships", foreign_keys=[person_id])

    __table_args__ = (
        Index(
            "uq_team_member_all",
            "organizer_id",
            "person_id",
            unique=True,
            sqlite_where=text("event_id IS NULL"),
            postgresql_where=text("event_id IS NULL"),
        ),
        Index(
            "uq_team_member_event",
            "organizer_id",
            "person_id",
            "event_id",
            unique=True,
            sqlite_where=text("event_id IS NOT NULL"),
            postgresql_where=text("event_id IS NOT NULL"),
        ),
    )

    @property
    def role_set(self) -> frozenset[Role]:
        return frozenset(Role(value) for value in self.roles)


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Invitation(Model):
    """An offer to join a team, opened by the link in its mail and a button on the page behind it."""

    __tablename__ = "invitation"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(255))
    roles: Mapped[list[str]] = mapped_column(Json, default=list)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[InvitationState] = mapped_column(enum_column(InvitationState), default=InvitationState.OPEN)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[instant]
    expires_at: Mapped[instant]

    organizer: Mapped[Organizer] = relationship()


class ApiToken(Model):
    """A program's key to one organizer or one event. Shown once; only its digest is kept. Never wider than its owner."""

    __tablename__ = "api_token"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(100))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    permissions: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[instant]
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[optional_instant]

    person: Mapped[Person] = relationship()

    __table_args__ = (CheckConstraint("label <> ''", name="label_given"),)
