"""The macros pages are built of: labels, hints and errors belong to their control; numbers become pictures with words."""

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from markupsafe import Markup
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms import Form as PlainForm
from wtforms.validators import Disabled, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from swapmeet.web import controls

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
Render = Callable[..., str]


class Line(PlainForm):
    name = StringField("Guest", [InputRequired("Please write the guest's name.")])


class CheckList(SelectMultipleField):
    """A subclass: its kind is told by its widgets."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Sample(FlaskForm):
    name = StringField("Your name", [InputRequired("Please write your name.")], description="As on the badge.")
    note = StringField("Note")
    pay = RadioField(
        "How will you pay?", [InputRequired("Please choose.")], choices=[("check", "Check"), ("cash", "Cash")]
    )
    needs = SelectMultipleField(
        "Needs", choices=[("power", "Power")], option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    take = CheckList("What you would like", choices=[("1", "A kit")])
    size = SelectField("Size", choices=[("6", "6 ft")])
    rules = BooleanField("I agree")
    key = HiddenField(default="k1")
    guests = FieldList(FormField(Line), min_entries=2)


@pytest.fixture
def render() -> Render:
    app = Flask("macros", template_folder=str(TEMPLATES))
    app.config.update(SECRET_KEY="test only")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)
    controls.register(app)

    def render_one(source: str, **context: Any) -> str:
        with app.test_request_context("/"):
            if context.pop("faulty", False):
                context["form"] = Sample(formdata=None, meta={"csrf": False})
                context["form"].validate()
            elif "form" not in context:
                context["form"] = Sample(formdata=None)
            head = '{% from "components/forms.html" import field, form_tag, error_summary, post_button, submit %}'
            head += (
                '{% from "components/ui.html" import meter, stepper, chip, countdown, pager, table, confirm, fact %}'
            )
            head += '{% from "components/charts.html" import bar_chart, line_chart, stacked_bar, sparkline %}'
            return render_template_string(head + source, **context)

    return render_one


def test_a_field_ties_label_and_hint_to_its_control(render: Render) -> None:
    html = render("{{ field(form.name) }}")
    assert '<label class="form-label" for="name">Your name <span class="req">(required)</span></label>' in html
    assert 'aria-describedby="name-hint"' in html
    assert 'id="name-hint">As on the badge.' in html
    assert "aria-invalid" not in html


def test_a_faulty_field_keeps_its_hint_and_says_what_is_wrong(render: Render) -> None:
    html = render("{{ field(form.name) }}", faulty=True)
    assert 'aria-describedby="name-error name-hint"' in html
    assert 'aria-invalid="true"' in html
    assert "Please write your name." in html
    assert "is-invalid" in html


def test_a_plain_field_has_no_empty_attributes(render: Render) -> None:
    html = render("{{ field(form.note, autocomplete='off', maxlength=20) }}")
    assert "aria-describedby" not in html and "None" not in html
    assert 'autocomplete="off"' in html and 'maxlength="20"' in html


def test_a_control_is_the_element_that_the_library_draws() -> None:
    class Plain(PlainForm):
        name = StringField("Name", [InputRequired(), Length(max=20)], render_kw={"data_x": "1"}, default='a"<b>&')
        count = IntegerField("Count", [NumberRange(1, 5)])
        old = StringField("Old", [Disabled()], default=Markup('<i title="x">'))
        agreed = BooleanField("Agreed")

    for field in Plain():
        drawn = controls.control(field, "", "form-control", {"autocomplete": "off"})
        theirs = field(class_="form-control", autocomplete="off", required=field.flags.required or False)
        assert attributes_of(drawn) == attributes_of(theirs), field.name


def attributes_of(element: str) -> dict[str, str | None]:
    """What a browser reads, in whatever order and with whatever escapes it is written."""
    found: list[dict[str, str | None]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append({"<": tag, **dict(attrs)})  # type: ignore[method-assign]
    parser.feed(str(element))
    assert len(found) == 1
    return found[0]


def test_choices_are_a_fieldset_with_a_legend(render: Render) -> None:
    html = render("{{ field(form.pay) }}{{ field(form.needs) }}{{ field(form.take) }}{{ field(form.rules) }}")
    assert html.count("<fieldset") == 3
    assert html.count("<legend") == 3
    assert html.count('class="form-check-input"') == 5
    assert 'class="form-select"' in render("{{ field(form.size) }}")


def test_the_summary_links_every_fault_to_its_field(render: Render) -> None:
    html = render("{{ error_summary(form) }}", faulty=True)
    assert 'role="alert"' in html
    assert '<a href="#name">Your name: Please write your name.</a>' in html
    assert '<a href="#pay-0">How will you pay? Please choose.</a>' in html
    assert '<a href="#guests-0-name">' in html and '<a href="#guests-1-name">' in html


def test_a_form_without_faults_has_no_summary(render: Render) -> None:
    assert "error-summary" not in render("{{ error_summary(form) }}")


def test_a_form_carries_its_token_and_hidden_fields_once(render: Render) -> None:
    html = render("{% call form_tag(form, '/x') %}{{ submit('Go') }}{% endcall %}")
    assert html.count('name="csrf_token"') == 1
    assert html.count('name="key"') == 1
    assert 'action="/x"' in html


def test_a_post_button_escapes_what_it_is_given(render: Render) -> None:
    html = render("{{ post_button('/x', name, fields={'who': name}) }}", name='<b>"Ann"</b>')
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_a_meter_never_runs_over_its_edge(render: Render) -> None:
    html = render("{{ meter([('free', 80), ('held', 80)], 100, 'all') }}")
    assert 'x="80.0" width="20.0"' in html


def test_an_empty_meter_and_empty_charts_draw_nothing_wrong(render: Render) -> None:
    source = "{{ meter([], 0, 'none') }}{{ bar_chart([], 'A') }}{{ line_chart([], 'B') }}{{ stacked_bar([], 'C') }}{{ sparkline([], 'D') }}"
    html = render(source)
    assert html.count("Nothing to draw yet.") == 2
    assert "nan" not in html.lower()


def test_a_chart_has_words_and_a_table(render: Render) -> None:
    html = render("{{ bar_chart([('May 1', 3), ('May 2', 61)], 'Orders a day', 'orders') }}")
    assert 'aria-label="Orders a day: 2 values, from May 1 (3 orders) to May 2 (61 orders)."' in html
    assert '<th scope="row">May 2</th>' in html
    assert ">80<" in html  # the round number above 61


def test_a_chart_of_zeros_and_of_huge_numbers_is_drawn(render: Render) -> None:
    html = render("{{ line_chart([('a', 0)], 'Zero') }}{{ bar_chart([('b', 10**12, '$10,000,000,000.00')], 'Huge') }}")
    assert "$10,000,000,000.00" in html


def test_a_stepper_works_as_a_number_input(render: Render) -> None:
    html = render("{{ stepper('t1', 2, max=6, label='Weekend pass, how many') }}")
    assert 'type="number"' in html and 'max="6"' in html and 'aria-label="Weekend pass, how many"' in html


def test_a_countdown_shows_the_time_of_day_without_script(render: Render) -> None:
    html = render("{{ countdown('2027-05-15T14:00:00Z', 738, '10:00 AM') }}")
    assert '<time class="num" datetime="2027-05-15T14:00:00Z">10:00 AM</time>' in html
    assert 'data-left="738"' in html, "with script it counts these seconds, whatever the visitor's clock says"


def test_a_pager_is_absent_when_all_fits_one_page(render: Render) -> None:
    page = {"pages": 1, "first": 1, "last": 3, "total": 3, "previous_url": None, "next_url": None}
    assert "<nav" not in render("{{ pager(page) }}", page=page)


def test_category_numbers_of_any_size_have_a_paint(render: Render) -> None:
    assert "paint-5" in render("{{ chip('Kits', 125) }}")
    assert "paint-3" in render("{{ chip('Kits', 'magenta') }}")


def test_confirming_is_a_form_that_posts(render: Render) -> None:
    html = render("{% call confirm('/x', 'Cancel', 'Cancel it?', id='c9') %}<input name='reason'>{% endcall %}")
    assert '<form method="post" action="/x"' in html
    assert "name='reason'" in html and 'id="c9-title"' in html


def test_lists_of_forms_become_fieldsets(render: Render) -> None:
    html = render("{{ field(form.guests) }}")
    assert html.count('<fieldset class="group">') == 2
    assert '<label class="form-label" for="guests-1-name">' in html
