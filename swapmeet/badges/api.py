"""Check-in by API: a scanner sends a code, the answer says in one word what happened. Token only, JSON only."""

from datetime import UTC, datetime
from typing import Annotated, Any

from flask import Blueprint, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from swapmeet.access.permissions import Permission
from swapmeet.badges import check_ins, queries
from swapmeet.badges.check_ins import Answer
from swapmeet.badges.door import Outcome
from swapmeet.badges.scopes import ScannedShow
from swapmeet.badges.views import door_of
from swapmeet.badges.wording import Voice, verdict_of, voice_of
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.numbers import whole
from swapmeet.web.access import actor, requires

bp = Blueprint("badges_api", __name__, url_prefix="/api/v1/shows/<door_slug>/check-ins")

PAGE = 200
COLORS = {"ok": "green", "warn": "amber", "bad": "red"}


class CheckInRequest(BaseModel):
    """What a scanner sends. `nonce` is new for each scan and the same when it is sent again."""

    model_config = ConfigDict(strict=True, extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=200)]
    gate: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    nonce: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class BadRequestBody(Invalid):
    """The body is not JSON of the shape that is documented."""

    code = "bad_body"


@bp.before_request
def _token_only() -> None:
    """A browser's cookie opens nothing here: these addresses take no CSRF token."""
    if g.get("api_token") is None:
        abort(401)


@bp.post("")
@requires(Permission.DOOR_CHECK_IN, scope="door_slug")
def create_check_in(show: ScannedShow) -> ResponseReturnValue:
    """Answer a badge. 201 when the person was let in by this request, 200 for every other answer and for a repeat."""
    wanted = _read_body()
    entrance, by, now = door_of(show), actor(), utcnow()
    voice = voice_of(show)
    with transaction() as db_session:
        gate = check_ins.gate_for(db_session, event_id=entrance.event_id, name=wanted.gate)
        answer = check_ins.check_in(
            db_session,
            door=entrance,
            gate=gate,
            code=wanted.code,
            nonce=wanted.nonce,
            by=by,
            now=now,
        )
    is_new = answer.outcome is Outcome.IN and not answer.is_repeat
    return jsonify(_answer(answer, voice)), 201 if is_new else 200


@bp.get("")
@requires(Permission.DOOR_CHECK_IN, scope="door_slug")
def list_check_ins(show: ScannedShow) -> ResponseReturnValue:
    """Entries by id upwards, 200 at a time; `?after=<id>` reads on."""
    after_id = whole(request.args.get("after"), 15) or 0
    rows = queries.list_entries_after(db.session(), event_id=show.id, after_id=after_id, limit=PAGE)
    return jsonify(check_ins=[_entry(row) for row in rows], next_after=rows[-1].id if len(rows) == PAGE else None)


@bp.get("/<int:check_in_id>")
@requires(Permission.DOOR_CHECK_IN, scope="door_slug")
def show_check_in(show: ScannedShow, check_in_id: int) -> ResponseReturnValue:
    return jsonify(_entry(queries.get_entry(db.session(), event_id=show.id, check_in_id=check_in_id)))


def _read_body() -> CheckInRequest:
    try:
        return CheckInRequest.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        faults = [
            {"field": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]}
            for fault in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise BadRequestBody(
            "The body is not as documented: code, nonce and, if wanted, gate.", faults=faults
        ) from error


def _answer(answer: Answer, voice: Voice) -> dict[str, Any]:
    verdict = verdict_of(answer, voice)
    return {
        "result": answer.outcome.value,
        "admitted": answer.outcome is Outcome.IN,
        "color": COLORS[verdict.kind],
        "title": verdict.title,
        "text": verdict.text,
        "name": answer.name,
        "ticket": answer.ticket_label,
        "badge": answer.number,
        "check_in": answer.check_in_id,
        "at": _iso(answer.at),
        "gate": answer.gate,
        "by": answer.by,
        "repeated": answer.is_repeat,
    }


def _entry(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "badge": row.number,
        "name": row.name,
        "ticket": row.ticket_label,
        "gate": row.gate,
        "day": row.day.isoformat(),
        "at": _iso(row.at),
        "by": row.by_label,
        "undone_at": _iso(row.undone_at),
        "undone_by": row.undone_by,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
