"""How form fields are drawn: their kind, and the control with everything a screen reader needs to tie it to its words."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from markupsafe import Markup, escape
from wtforms import Field
from wtforms.widgets import CheckboxInput, Input, RadioInput

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


def draw(field: Field, more: Mapping[str, Any]) -> Any:
    """A field as its widget draws it, with further attributes; inputs by a shorter way to the same element."""
    more = {**(field.render_kw or {}), **more}
    way = type(field.widget).__call__
    if getattr(field, "_datalist", None) is not None:
        return field.widget(field, **more)
    if way is Input.__call__:
        return _draw_input(field, more)
    if way in (CheckboxInput.__call__, RadioInput.__call__):
        return _draw_input(field, {"checked": bool(getattr(field, "checked", field.data)), **more})
    return field.widget(field, **more)


def _draw_input(field: Field, more: Mapping[str, Any]) -> Markup:
    """The library's Input sorts the attributes and looks at every name of the flags for each field."""
    widget, flags = field.widget, field.flags
    pairs = {key: value for key in widget.validation_attrs if (value := getattr(flags, key)) is not None}
    pairs = {key: value() if callable(value) else value for key, value in pairs.items()}
    pairs |= {"id": field.id, "name": field.name, "type": widget.input_type} | dict(more)
    if "value" not in pairs:
        pairs["value"] = field._value()
    return Markup("<input{}>").format(attributes(pairs))


def attributes(pairs: Mapping[str, Any]) -> Markup:
    """Keyword arguments as HTML attributes, each with a space before it: hx_post="/x" becomes hx-post="/x".

    None and False leave an attribute out, True gives it without a value.
    """
    words = []
    for key, value in pairs.items():
        if value is None or value is False:
            continue
        name = "class" if key == "class_" else key.replace("_", "-")
        words.append(f" {escape(name)}" if value is True else f' {escape(name)}="{_quoted(value)}"')
    return Markup("".join(words))


def _quoted(value: Any) -> str:
    """Safe between quotes, also where the value is markup of its own."""
    return str(escape(value)).replace('"', "&#34;")


def register(app: Flask) -> None:
    """What the macros of templates/components count on: `control`, `attributes`, `icon`, the tests `hidden_field` and `choice_group`."""
    app.jinja_env.filters["control"] = control
    app.jinja_env.globals.update(attributes=attributes, icon=icon)
    app.jinja_env.tests.update(hidden_field=is_hidden_field, choice_group=is_choice_group)
