"""Pages and fragments: one template for the page, one `_part.html` that page and htmx both include. ETags for polls."""

from typing import Any

from flask import Response, make_response, render_template, request


def is_fragment_request() -> bool:
    """True when htmx asks for a part, not a whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def render(page: str, part: str | None = None, /, **context: Any) -> str:
    """Render the part when htmx asks for one and there is one, else the page."""
    return render_template(part if part and is_fragment_request() else page, **context)


def not_modified(tag: str, *, max_age: int = 0) -> Response | None:
    """A 304 when the asker already has the version `tag` (If-None-Match, or htmx's HX-PTag), else None."""
    quoted = f'"{tag}"'
    known = request.headers.get("If-None-Match", "")
    if quoted not in known and request.headers.get("HX-PTag") != tag:
        return None
    response = make_response("", 304)
    _tag(response, tag, max_age)
    return response


def tagged(body: Any, tag: str, *, max_age: int = 0) -> Response:
    """A public, cookieless response with its version tag."""
    response = make_response(body)
    _tag(response, tag, max_age)
    return response


def _tag(response: Response, tag: str, max_age: int) -> None:
    response.headers["ETag"] = f'"{tag}"'
    response.headers["Cache-Control"] = f"public, max-age={max_age}, must-revalidate"
    response.headers["HX-PTag"] = tag
