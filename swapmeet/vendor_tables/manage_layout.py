"""The team's pages of floor plans: drafts as tables of number fields, checks, publishing, numbering anew."""

import json
from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event, Hall
from swapmeet.events.queries import get_hall, list_halls
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, Invalid, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.forms import floor_form
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.layout.blocks import free_block, lay_block, relabeled, remove_block, renumbered
from swapmeet.vendor_tables.layout.changes import distance_mm
from swapmeet.vendor_tables.layout.checks import WORDS, Rule
from swapmeet.vendor_tables.layout.document import Block, Plan, PlanFault, load_plan
from swapmeet.vendor_tables.layout_forms import FORMS, PlanForm, SeenForm, ThingForm
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.models import new_uid
from swapmeet.vendor_tables.services import layouts
from swapmeet.web.access import actor, requires
from swapmeet.web.paging import Page, page_number

FLOOR = "/manage/shows/<slug>/tables/floor"
HALL = FLOOR + "/<int:hall_id>"
ROWS = 50
Change = Callable[[Plan], Plan]


def hall_of(event: Event, hall_id: int) -> Hall:
    """Raises NotFound, also for another show's."""
    return get_hall(db.session(), event_id=event.id, hall_id=hall_id)


def words_of(thing: Any) -> str:
    """What a thing is called: its number, name or words, else its sort."""
    return next((str(getattr(thing, key)) for key in ("label", "name", "text", "kind") if getattr(thing, key, "")), "")


def change_draft(event: Event, hall_id: int, change: Change, *, seen: int) -> None:
    """Read the plan anew, change it, keep it as the draft. Raises PlanMoved, and Invalid for what cannot stand on a plan."""
    with transaction() as db_session:
        fresh, hall = db_session.get_one(Event, event.id), db_session.get_one(Hall, hall_id)
        drawing = layouts.read_drawing(db_session, event=fresh, hall=hall)
        try:
            document = change(drawing.document)
        except PlanFault as fault:
            raise Invalid(f"This does not work: {fault}.") from fault
        layouts.save_draft(db_session, event=fresh, hall=hall, document=document, seen=seen, by=actor(), now=utcnow())


@bp.get(FLOOR)
@requires(Permission.TABLES_EDIT)
def floor_plans(event: Event) -> ResponseReturnValue:
    """Every hall with its plan: what is published, what is being drawn."""
    db_session = db.session()
    halls = list_halls(db_session, event_id=event.id)
    rows = [(hall, layouts.read_drawing(db_session, event=event, hall=hall)) for hall in halls]
    return render_template("vendor_tables/manage/floor_plans.html", event=event, rows=rows)


@bp.route(HALL + "/things", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def plan_things(event: Event, hall_id: int) -> ResponseReturnValue:
    """The plan as tables: all its blocks, tables, aisles, doors … each with a link to its number fields."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    data = {"min_aisle": drawing.document.min_aisle_mm, "seen": drawing.number}
    form = floor_form(PlanForm, event=event, data=data)
    if form.validate_on_submit():
        least, seen = form.min_aisle.data, whole(form.seen.data, 9) or 0
        if _try(form, lambda: change_draft(event, hall_id, lambda plan: plan.changed(min_aisle_mm=least), seen=seen)):
            flash("The least width of aisles is saved in the draft.", "ok")
            return redirect(url_for(".plan_things", slug=event.slug, hall_id=hall_id), 303)
    places = sorted(drawing.document.places, key=lambda place: natural(place.label))
    number = min(page_number(), max(1, -(-len(places) // ROWS)))
    page = Page(places[(number - 1) * ROWS : number * ROWS], number, ROWS, len(places))
    answer = render_template(
        "vendor_tables/manage/plan_things.html",
        event=event,
        hall=hall,
        drawing=drawing,
        form=form,
        page=page,
        forms=FORMS,
        words_of=words_of,
    )
    return answer, 422 if form.is_submitted() else 200


@bp.route(HALL + "/things/<kind>/<uid>", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def plan_thing(event: Event, hall_id: int, kind: str, uid: str) -> ResponseReturnValue:
    """One thing of the plan in number fields; `new` adds one."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    thing = None if uid == "new" else _get_thing(drawing.document, kind, uid)
    form = _thing_form(event, drawing, kind, thing)
    own = thing.uid if thing is not None else new_uid()
    if form.validate_on_submit() and _try(
        form,
        lambda: change_draft(event, hall_id, lambda plan: put_thing(plan, kind, own, form.values()), seen=_seen(form)),
    ):
        flash("It is saved in the draft. Vendors see it once you publish the plan.", "ok")
        return redirect(url_for(".plan_things", slug=event.slug, hall_id=hall_id), 303)
    page = render_template(
        "vendor_tables/manage/plan_thing.html", event=event, hall=hall, form=form, words=words_of(thing)
    )
    return page, 422 if form.is_submitted() else 200


def _seen(form: Any) -> int:
    return whole(form.seen.data, 9) or 0


def _get_thing(plan: Plan, kind: str, uid: str) -> Any:
    found = next((each for each in getattr(plan, kind) if each.uid == uid), None) if kind in FORMS else None
    if found is None:
        raise NotFound("That is not on the plan any more.")
    return found


def _thing_form(event: Event, drawing: layouts.Drawing, kind: str, thing: Any) -> Any:
    if kind not in FORMS:
        raise NotFound("There is nothing of that sort on a plan.")
    form_class: type[ThingForm] = FORMS[kind]
    types = queries.list_types(db.session(), event_id=event.id)
    data: dict[str, Any] = {"seen": drawing.number}
    if thing is not None:
        data |= form_class.data_of(thing)
    elif types and kind in ("blocks", "places"):
        data |= {"w": types[0].length_mm, "d": types[0].depth_mm, "start": 1, "digits": 2, "step": 1, "faces": "in"}
    elif kind == "doors":
        data |= {"keep_clear": 1500}
    form = floor_form(form_class, event=event, data=data)
    if "type" in form:
        known = [(row.code, row.name) for row in types]
        own = [(thing.type, thing.type or "none")] if thing is not None and thing.type not in dict(known) else []
        form.type.choices = known + own
    if "circuit" in form:
        circuits = [(row.uid, row.name) for row in drawing.document.circuits]
        form.circuit.choices = ([("", "No power")] if kind == "places" else []) + circuits
    return form


def put_thing(plan: Plan, kind: str, uid: str, values: dict[str, Any]) -> Plan:
    """The plan with this thing, new or changed. A block lays its tables; a table that is moved leaves its block."""
    known = next((each for each in getattr(plan, kind) if each.uid == uid), None)
    if kind == "blocks":
        return lay_block(plan, _checked(Block, {**values, "uid": uid}), new_uid)
    before = known.model_dump() if known is not None else {}
    after = {**before, **values, "uid": uid}
    if kind == "places" and any(before.get(name) != after.get(name) for name in ("x_mm", "y_mm", "w_mm", "d_mm")):
        after |= {"block": "", "side": ""}
    return plan.changed(**{kind: (*(each for each in getattr(plan, kind) if each.uid != uid), after)})


def _checked(model: Any, values: dict[str, Any]) -> Any:
    try:
        return model.model_validate(values)
    except ValueError as error:
        raise PlanFault([("", "a number is out of range")]) from error


@bp.post(HALL + "/things/<kind>/<uid>/removal")
@requires(Permission.TABLES_EDIT)
def remove_thing(event: Event, hall_id: int, kind: str, uid: str) -> ResponseReturnValue:
    """Take one thing off the draft; a block goes with its tables, unless they are set free."""
    hall = hall_of(event, hall_id)
    form = SeenForm()
    _get_thing(layouts.read_drawing(db.session(), event=event, hall=hall).document, kind, uid)
    keeps_tables = request.form.get("keep") == "tables"

    def change(plan: Plan) -> Plan:
        if kind == "blocks":
            return free_block(plan, uid) if keeps_tables else remove_block(plan, uid)
        return plan.changed(**{kind: tuple(each for each in getattr(plan, kind) if each.uid != uid)})

    return _deed(event, hall_id, form, change, "It is off the draft.", ".plan_things")


@bp.route(HALL + "/numbers/<uid>", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def renumber(event: Event, hall_id: int, uid: str) -> ResponseReturnValue:
    """Number the tables of a block anew by its rule: before and after first, then the deed. Only labels change."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    block = _get_thing(drawing.document, "blocks", uid)
    form = SeenForm(data={"seen": drawing.number})
    if form.is_submitted():

        def change(plan: Plan) -> Plan:
            return relabeled(plan, {place.uid: label for place, label in renumbered(plan, uid)})

        return _deed(event, hall_id, form, change, f"Block {block.name} is numbered anew in the draft.", ".plan_things")
    pairs = [(place.label, label) for place, label in renumbered(drawing.document, uid)]
    return render_template(
        "vendor_tables/manage/renumber.html", event=event, hall=hall, block=block, pairs=pairs, form=form
    )


@bp.get(HALL + "/check")
@requires(Permission.TABLES_EDIT)
def check(event: Event, hall_id: int) -> ResponseReturnValue:
    """What publishing would change, and what still keeps it from happening, rule by rule."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    found = layouts.review(db.session(), event=event, hall=hall, drawing=drawing, now=utcnow())
    rules = [(WORDS[rule], [each for each in found.findings if each.rule is rule]) for rule in Rule]
    return render_template(
        "vendor_tables/manage/plan_check.html",
        event=event,
        hall=hall,
        drawing=drawing,
        review=found,
        rules=rules,
        farthest_mm=max(map(distance_mm, found.changes.moved), default=0),
    )


@bp.post(HALL + "/publication")
@requires(Permission.TABLES_EDIT)
def publish_plan(event: Event, hall_id: int) -> ResponseReturnValue:
    """Let vendors see the draft."""
    hall_of(event, hall_id)
    form, event_id, slug = SeenForm(), event.id, event.slug
    try:
        _check_form(form)
        with transaction() as db_session:
            fresh, hall = db_session.get_one(Event, event_id), db_session.get_one(Hall, hall_id)
            version = layouts.publish_draft(
                db_session, event=fresh, hall=hall, seen=_seen(form), by=actor(), now=utcnow()
            )
            flash(f"Version {version.number} of the plan of {hall.name} is what vendors see now.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(url_for(".check", slug=slug, hall_id=hall_id), 303)
    return redirect(url_for(".floor_plans", slug=slug), 303)


@bp.post(HALL + "/draft/removal")
@requires(Permission.TABLES_EDIT)
def discard_draft(event: Event, hall_id: int) -> ResponseReturnValue:
    """Throw the draft away and keep what is published."""
    hall_of(event, hall_id)
    form, event_id, slug = SeenForm(), event.id, event.slug
    try:
        _check_form(form)
        with transaction() as db_session:
            fresh, hall = db_session.get_one(Event, event_id), db_session.get_one(Hall, hall_id)
            layouts.discard_draft(db_session, event=fresh, hall=hall, seen=_seen(form), by=actor(), now=utcnow())
        flash("The draft is gone. What vendors see has not changed.", "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".floor_plans", slug=slug), 303)


@bp.get(HALL + "/draft")
@requires(Permission.TABLES_EDIT)
def read_draft(event: Event, hall_id: int) -> ResponseReturnValue:
    """The draft with its number and what the checks say, as the editor reads it."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    found = layouts.review(db.session(), event=event, hall=hall, drawing=drawing, now=utcnow())
    plan = drawing.document.model_dump(mode="json")
    return jsonify(number=drawing.number, version=drawing.version, plan=plan, **_told(found))


def _told(found: layouts.Review) -> dict[str, Any]:
    findings = [{"rule": each.rule.value, "uids": each.uids, "message": each.message} for each in found.findings]
    return {"findings": findings[:100], "held": list(found.held)}


@bp.post(HALL + "/draft")
@requires(Permission.TABLES_EDIT)
def save_draft(event: Event, hall_id: int) -> ResponseReturnValue:
    """The editor saves by itself: {"seen": number, "plan": document}. Answers the new number and what the checks say."""
    hall_of(event, hall_id)
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("seen"), int) or isinstance(body["seen"], bool):
        raise Invalid("This is not a plan as the editor sends it. Reload the page.")
    try:
        document = load_plan(json.dumps(body.get("plan")))
    except PlanFault as fault:
        raise Invalid(f"The plan could not be saved: {fault}.", faults=fault.faults) from fault
    event_id = event.id
    with transaction() as db_session:
        fresh, hall = db_session.get_one(Event, event_id), db_session.get_one(Hall, hall_id)
        draft = layouts.save_draft(
            db_session, event=fresh, hall=hall, document=document, seen=body["seen"], by=actor(), now=utcnow()
        )
        drawing = layouts.read_drawing(db_session, event=fresh, hall=hall)
        found = layouts.review(db_session, event=fresh, hall=hall, drawing=drawing, now=utcnow())
        return jsonify(number=draft.number, **_told(found))


def _deed(event: Event, hall_id: int, form: Any, change: Change, words: str, back: str) -> ResponseReturnValue:
    """A deed of one button on the draft: its fault is told on the page it came from."""
    slug = event.slug
    try:
        _check_form(form)
        change_draft(event, hall_id, change, seen=_seen(form))
        flash(words, "ok")
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(back, slug=slug, hall_id=hall_id), 303)


def _check_form(form: Any) -> None:
    if not form.validate_on_submit():
        raise Invalid("The page may have been open too long. Try it once more.")


def _try(form: Any, deed: Callable[[], None]) -> bool:
    """What the rules refuse is told in the form."""
    try:
        deed()
    except DomainError as error:
        form.hang(error)
        return False
    return True
