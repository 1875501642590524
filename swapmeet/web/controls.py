"""How form fields are drawn: their kind, and the control with everything a screen reader needs to tie it to its words."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from markupsafe import Markup, escape
from wtforms import Field

from swapmeet.web.icons import icon


def is_hidden_field(field: Field) -> bool:
    """Kinds are told by their widgets, so that subclasses of a field look like the field."""
    return getattr(field.widget, "input_type", None) == "hidden"


def is_choice_group(field: Field) -> bool:
    """Radio buttons or check boxes under one legend."""
    return hasattr(field, "option_widget") and hasattr(field.widget, "html_tag")


def control(field: Field, hint: str, base: str, more: Mapping[str, Any]) -> Any:
    """The input itself. `base` is its class, `more` are further attributes (`class_` is added to the base).

    aria-describedby names the error and the hint where there are any; aria-invalid marks a fault.
    """
    words = [f"{field.id}-error"] if field.errors else []
    words += [f"{field.id}-hint"] if hint else []
    classes = (base, "is-invalid" if field.errors else "", more.get("class_", ""))
    attributes = {
        "aria_describedby": " ".join(words) or False,
        "aria_invalid": "true" if field.errors else False,
        "required": field.flags.required or False,
        **more,
        "class_": " ".join(part for part in classes if part),
    }
    return field(**attributes)


def attributes(pairs: Mapping[str, Any]) -> Markup:
    """Keyword arguments as HTML attributes, each with a space before it: hx_post="/x" becomes hx-post="/x".

    None and False leave an attribute out, True gives it without a value.
    """
    words = []
    for key, value in pairs.items():
        if value is None or value is False:
            continue
        name = "class" if key == "class_" else key.replace("_", "-")
        words.append(f" {escape(name)}" if value is True else f' {escape(name)}="{escape(value)}"')
    return Markup("".join(words))


def register(app: Flask) -> None:
    """What the macros of templates/components count on: `control`, `attributes`, `icon`, the tests `hidden_field` and `choice_group`."""
    app.jinja_env.filters["control"] = control
    app.jinja_env.globals.update(attributes=attributes, icon=icon)
    app.jinja_env.tests.update(hidden_field=is_hidden_field, choice_group=is_choice_group)
