"""What can go wrong with questions."""

from swapmeet.kernel.errors import Conflict, Invalid, NotFound


class QuestionNotFound(NotFound):
    code = "question_not_found"


class QuestionFixed(Conflict):
    """It has answers, so its kind stays."""

    code = "question_fixed"


class BadQuestion(Invalid):
    code = "bad_question"
