"""Organizer pages about questions: the list, one question, and what was answered."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.questions import queries, services
from swapmeet.questions.asking import TICKET
from swapmeet.questions.errors import QuestionNotFound
from swapmeet.questions.forms import QuestionForm, question_form
from swapmeet.questions.kinds import LABELS, QuestionKind, grouped
from swapmeet.questions.models import Question, Scope
from swapmeet.web.access import actor, may, requires
from swapmeet.web.paging import page_number, page_of, paginate

MOST_GROUPED = 20_000

bp = Blueprint("questions_manage", __name__, url_prefix="/manage/shows/<slug>/questions")


@bp.get("")
@requires(Permission.TICKETS_EDIT)
def list_questions(event: Event) -> ResponseReturnValue:
    """What buyers are asked, in the order of the page."""
    questions = queries.list_questions(db.session(), event_id=event.id, with_archived=True)
    return render_template(
        "questions/list.html",
        event=event,
        questions=[each for each in questions if each.archived_at is None],
        archived=[each for each in questions if each.archived_at is not None],
        labels={each.id: each.label for each in questions},
        counts=queries.count_answers(db.session(), event_id=event.id),
        kinds=LABELS,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def add_question(event: Event) -> ResponseReturnValue:
    return _edit(event, None)


@bp.route("/<int:question_id>", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def edit_question(event: Event, question_id: int) -> ResponseReturnValue:
    return _edit(event, queries.get_question(db.session(), event_id=event.id, question_id=question_id))


@bp.post("/<int:question_id>/position")
@requires(Permission.TICKETS_EDIT)
def move_question(event: Event, question_id: int) -> ResponseReturnValue:
    """One place up or down."""
    step = -1 if request.form.get("step") == "up" else 1
    return _change(event, question_id, lambda **what: services.move_question(step=step, **what), "")


@bp.post("/<int:question_id>/archive")
@requires(Permission.TICKETS_EDIT)
def archive_question(event: Event, question_id: int) -> ResponseReturnValue:
    """Not asked any more; what was answered stays."""
    words = "It is not asked any more. Answers that were given stay."
    return _change(event, question_id, lambda **what: services.archive_question(**what), words)


@bp.post("/<int:question_id>/restoration")
@requires(Permission.TICKETS_EDIT)
def restore_question(event: Event, question_id: int) -> ResponseReturnValue:
    return _change(event, question_id, lambda **what: services.restore_question(**what), "It is asked again.")


@bp.get("/answers")
@requires(Permission.ATTENDEES_VIEW)
def show_answers(event: Event) -> ResponseReturnValue:
    """How often each answer was given. About health only this, never who."""
    db_session = db.session()
    questions = queries.list_questions(db_session, event_id=event.id, with_archived=True)
    return render_template(
        "questions/tally.html",
        event=event,
        questions=questions,
        counts=queries.count_answers(db_session, event_id=event.id),
        tallies=queries.tallies(db_session, event_id=event.id, questions=questions),
        sees_health=may(Permission.HEALTH_VIEW),
    )


@bp.get("/<int:question_id>/answers")
@requires(Permission.ATTENDEES_VIEW)
def list_answers(event: Event, question_id: int) -> ResponseReturnValue:
    """Who answered what. A question about health is not found here, nor is one to vendors by those who may not see them."""
    question = queries.get_question(db.session(), event_id=event.id, question_id=question_id, is_health=False)
    if question.scope is not Scope.VENDOR:
        return _answers_page(event, question)
    if not may(Permission.VENDORS_VIEW):
        raise QuestionNotFound("There is no such question in this show.")
    said = queries.answers_of_vendors(db.session(), event_id=event.id).get(question.id, [])
    page = page_of(said, number=page_number())
    rows = [("", who, "", question.words(value)) for who, value in page.rows]
    return render_template("questions/who.html", event=event, question=question, page=page, rows=rows)


@bp.get("/<int:question_id>/health")
@requires(Permission.HEALTH_VIEW)
def list_health_answers(event: Event, question_id: int) -> ResponseReturnValue:
    """Who answered what about health, for the few who may know."""
    question = queries.get_question(db.session(), event_id=event.id, question_id=question_id, is_health=True)
    return _answers_page(event, question)


def _answers_page(event: Event, question: Question) -> str:
    if request.args.get("by") == "answer" and question.kind is not QuestionKind.LONG_TEXT:
        return _groups_page(event, question)
    page = paginate(db.session(), queries.answers_to(question), number=page_number(), scalars=False)
    rows = [
        (
            row.code,
            queries.name_of_seat(row.facts, row.seat) or row.buyer_name,
            row.title or "",
            question.words(row.value),
        )
        for row in page.rows
    ]
    return render_template("questions/who.html", event=event, question=question, page=page, rows=rows)


def _groups_page(event: Event, question: Question) -> str:
    """The same answers together: who sits with whom, who eats what."""
    rows = db.session().execute(queries.answers_to(question).limit(MOST_GROUPED))
    said = [(queries.name_of_seat(row.facts, row.seat) or row.buyer_name, row.code, row.value) for row in rows]
    return render_template(
        "questions/groups.html", event=event, question=question, groups=grouped(question.kind, said), total=len(said)
    )


def _edit(event: Event, question: Question | None) -> ResponseReturnValue:
    form = _form(event, question)
    if not form.validate_on_submit():
        return _form_page(event, form, question), 422 if request.method == "POST" else 200
    event_id, slug, question_id = event.id, event.slug, question.id if question is not None else None
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            values = form.values()
            about: dict[str, Any] = {"event": show, "values": values, "by": actor(), "now": utcnow()}
            if question_id is None:
                services.add_question(db_session, **about)
            else:
                row = queries.get_question(db_session, event_id=event_id, question_id=question_id)
                services.edit_question(db_session, question=row, **about)
    except DomainError as error:
        form.hang(error)
        return _form_page(event, form, question), 422
    flash("Saved.", "ok")
    return redirect(url_for(".list_questions", slug=slug), 303)


def _change(event: Event, question_id: int, change: Any, words: str) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            question = queries.get_question(db_session, event_id=event_id, question_id=question_id)
            change(db_session=db_session, event=show, question=question, by=actor(), now=utcnow())
    except DomainError as error:
        if error.code == "question_not_found":
            raise
        flash(error.message, "warn")
    else:
        if words:
            flash(words, "ok")
    return redirect(url_for(".list_questions", slug=slug), 303)


def _form(event: Event, question: Question | None) -> QuestionForm:
    db_session = db.session()
    questions = queries.list_questions(db_session, event_id=event.id)
    products = registry().sellables[TICKET].products(db_session, event=event)
    tickets = [(each.group_id, each.title) for each in products]
    formdata = request.form if request.method == "POST" else None
    return question_form(questions, tickets, question=question, formdata=formdata)


def _form_page(event: Event, form: QuestionForm, question: Question | None) -> str:
    count = queries.count_answers(db.session(), event_id=event.id).get(question.id, 0) if question is not None else 0
    return render_template("questions/question.html", event=event, form=form, question=question, count=count)
