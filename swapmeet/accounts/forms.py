"""Shape of what people send about themselves, their clubs, teams and tokens."""

import re
from typing import Any

from wtforms.validators import ValidationError

from swapmeet.web.forms import LineField, NotBlank

LOOKS_LIKE_ADDRESS = re.compile(
    r"://|www\.|[^\s@]@[^\s@]|\b[\w-]+\.(?:com|net|org|info|io|ru|cn|xyz|top|link)\b", re.IGNORECASE
)


class NameField(LineField):
    """A name of a person or club. Web and mail addresses are refused: names stand in mails that we send."""

    def __init__(self, label: str = "Name", validators: Any = (), *, limit: int = 120, **kwargs: Any) -> None:
        super().__init__(label, [NotBlank("Write a name."), *validators, _no_address], limit=limit, **kwargs)


def _no_address(form: Any, field: Any) -> None:
    if field.data and LOOKS_LIKE_ADDRESS.search(field.data):
        raise ValidationError("Write a name, without web or mail addresses.")
