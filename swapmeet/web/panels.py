"""Panels on gathering pages: each feature's own query and part, in the order the registry gives."""

from datetime import datetime
from typing import Any

from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from swapmeet.infra.registry import registry
from swapmeet.web.access import may


def render_panels(
    place: str, db_session: Session, *, event: Any, now: datetime, of: Any = None, **more: Any
) -> list[Markup]:
    """The panels of a place that the asker may see and that have something to show. `more` goes to every part.

    They load what belongs to the show, or to `of` where the page is about one thing in it.

    Parts are rendered without the page's context (bars, viewer), which would be computed again for each of them.
    """
    rendered = []
    for panel in registry().panels_of(place):
        if panel.permission is not None and not may(panel.permission):
            continue
        values = panel.load(db_session, event if of is None else of, now)
        if values is not None:
            part = current_app.jinja_env.get_template(panel.template)
            rendered.append(Markup(part.render({"event": event, "now": now, **more, **values})))
    return rendered
