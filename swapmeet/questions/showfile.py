"""The questions of a show file: checked row by row, then asked by the draft. Comes after the tickets."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.showfile import is_text, is_whole, row_name
from swapmeet.events.showmeals import count_questions, meals_as_questions
from swapmeet.infra.registry import ImportReport, registry
from swapmeet.kernel.actor import Actor
from swapmeet.questions.asking import TICKET
from swapmeet.questions.kinds import CAN_LEAD, WITH_OPTIONS, QuestionKind
from swapmeet.questions.models import Question, Scope, may_follow
from swapmeet.questions.services import LONGEST_KEPT, MOST_QUESTIONS, add_question
from swapmeet.questions.values import QuestionValues

KEYS = frozenset({"questions"})
BY = Actor.job("import")
MOST_OPTIONS = 100
KINDS = [kind.value for kind in QuestionKind]  # lists: what a file has may not be hashable
SCOPES = [scope.value for scope in Scope]
FLAGS = ("required", "health")
DAYS = {"needed_by_days_before": 1000, "purge_days_after": LONGEST_KEPT.days}


def check(show: Mapping[str, Any], report: ImportReport) -> None:
    """Each row by itself, then what it names: an earlier question, tickets of the file."""
    is_given = show.get("questions") is not None
    rows = show["questions"] if is_given else []
    if not isinstance(rows, list) or len(rows) + count_questions(show) > MOST_QUESTIONS:
        words = f"Write a list of at most {MOST_QUESTIONS} questions; dishes and parties of meals that come with tickets count too."
        report.problems.append(("questions", words))
        return
    if not is_given:
        return
    codes = [row.get("code") for row in show.get("ticket_types") or [] if isinstance(row, Mapping)]
    before: dict[str, Mapping[str, Any]] = {}
    for number, row in enumerate(rows):
        where = row_name("questions", number, row if isinstance(row, Mapping) else {})
        if not isinstance(row, Mapping):
            report.problems.append((where, "Write each question as an object with `label` and `kind`."))
            continue
        report.problems += [(where, sentence) for sentence in [*_shape(row), *_meaning(row, before, codes)]]
        if is_text(row.get("code")):
            before[str(row["code"])] = row
    report.counts["questions"] = len(rows)


def _shape(row: Mapping[str, Any]) -> list[str]:
    found = []
    if not is_text(row.get("label")):
        found.append("label: the question, 1 to 200 characters.")
    if row.get("kind") not in KINDS:
        found.append(f"kind: one of {', '.join(sorted(KINDS))}.")
    if row.get("scope", Scope.PERSON.value) not in SCOPES:
        found.append(f"scope: one of {', '.join(sorted(SCOPES))}.")
    if not isinstance(row.get("help", ""), str):
        found.append("help: words, or leave it out.")
    found += [f"{name}: true or false." for name in FLAGS if row.get(name) not in (None, True, False)]
    found += [
        f"{name}: a whole number from 0 to {most:,}."
        for name, most in DAYS.items()
        if row.get(name) is not None and not is_whole(row[name], 0, most)
    ]
    options = row.get("options")
    if options is not None and not _are_words(options):
        found.append(f"options: a list of 2 to {MOST_OPTIONS} different words.")
    elif (row.get("kind") in [kind.value for kind in WITH_OPTIONS]) != bool(options):
        found.append("options: exactly the questions that are answered from a list have one.")
    return found


def _are_words(options: Any) -> bool:
    """Different words, two at least where there are any."""
    if not isinstance(options, list) or not all(is_text(each) for each in options):
        return False
    return len(options) <= MOST_OPTIONS and (not options or 1 < len(set(options)) == len(options))


def _meaning(row: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]], codes: Sequence[Any]) -> list[str]:
    found = []
    if row.get("needed_by_days_before") is not None and not row.get("required"):
        found.append("needed_by_days_before: only for a question that is required.")
    if bool(row.get("health")) != (row.get("purge_days_after") is not None):
        found.append("A question about health has purge_days_after, and no other one has.")
    tickets = row.get("tickets", [])
    if not isinstance(tickets, list) or any(not isinstance(each, str) or each not in codes for each in tickets):
        found.append("tickets: a list of codes of ticket_types.")
    elif tickets and row.get("scope", "person") == Scope.VENDOR.value:
        found.append("tickets: vendors have none when they apply.")
    if row.get("kind") == QuestionKind.AGREEMENT.value and not row.get("help"):
        found.append("help: the statement that people agree to.")
    if row.get("scope") == Scope.VENDOR.value and (row.get("health") or row.get("needed_by_days_before") is not None):
        found.append("scope: vendors are not asked about health, and answer everything when they apply.")
    if row.get("scope") == Scope.DOOR.value and (row.get("health") or row.get("needed_by_days_before") is not None):
        found.append("scope: nobody is asked about health at the door, and all of it is answered there.")
    return found if row.get("after") is None else [*found, *_after(row, before)]


def _after(row: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Faults of what it depends on."""
    found: list[str] = []
    lead = row["after"]
    first = before.get(lead) if isinstance(lead, str) else None
    if first is None or first.get("kind") not in [kind.value for kind in CAN_LEAD]:
        found.append("after: the code of an earlier question that is answered by yes or no, or from a list.")
    elif not may_follow(row.get("scope", "person"), first.get("scope", "person")):
        found.append("after: a question asked of the same (order, person or vendor).")
    elif first.get("health") and not row.get("health"):
        found.append("health: it comes after a question about health, so it is about health too.")
    elif row.get("after_answer") not in (first.get("options") or ("yes", "no")):
        found.append("after_answer: one of the answers of that question.")
    return found


def apply(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Ask them all, where the show asks nothing yet."""
    rows = [*(show.get("questions") or []), *meals_as_questions(show)]
    if not rows or db_session.scalar(select(Question.id).where(Question.event_id == event.id).limit(1)) is not None:
        return
    tickets, made = _tickets(db_session, event, show), dict[str, int]()
    for row in rows:
        question = add_question(db_session, event=event, values=_values(event, row, tickets, made), by=BY, now=now)
        if row.get("code"):
            made[row["code"]] = question.id


def _values(
    event: Event, row: Mapping[str, Any], tickets: Mapping[str, int], made: Mapping[str, int]
) -> QuestionValues:
    return QuestionValues(
        row["label"],
        QuestionKind(row["kind"]),
        Scope(row.get("scope", Scope.PERSON.value)),
        help=row.get("help", ""),
        options=tuple(row.get("options") or ()),
        is_required=bool(row.get("required")),
        is_health=bool(row.get("health")),
        needed_by_on=_day(event.first_day, row.get("needed_by_days_before"), -1),
        purge_on=_day(event.last_day, row.get("purge_days_after"), 1),
        depends_on_id=made.get(row.get("after", "")),
        depends_value=row.get("after_answer") if row.get("after") else None,
        product_ids=tuple(tickets[code] for code in row.get("tickets", []) if code in tickets),
    )


def _day(start: date, days: int | None, sign: int) -> date | None:
    return start + timedelta(days=sign * days) if days is not None else None


def _tickets(db_session: Session, event: Event, show: Mapping[str, Any]) -> Mapping[str, int]:
    """Ticket of the file by its code -> ticket of the show: the one of the same name."""
    rows: Sequence[Mapping[str, Any]] = show.get("ticket_types") or []
    there = {each.title: each.group_id for each in registry().sellables[TICKET].products(db_session, event=event)}
    return {row["code"]: there[row["name"]] for row in rows if row.get("name") in there}
