"""Template filters: money, dates and times in the show's own currency, locale and zone; safe rich text."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import nh3
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask
from markupsafe import Markup

from swapmeet.infra.mailer import unlinked
from swapmeet.kernel.money import digits_of
from swapmeet.kernel.time import from_local, to_local
from swapmeet.web.lengths import shown_length

DEFAULT_LOCALE = "en_US"


@lru_cache(maxsize=64)
def babel_locale(tag: str | None) -> str:
    """The Babel name for a BCP 47 tag; English of the United States for an unknown one."""
    try:
        return str(Locale.parse((tag or DEFAULT_LOCALE).replace("-", "_")))
    except (UnknownLocaleError, ValueError, TypeError):
        return DEFAULT_LOCALE


@lru_cache(maxsize=8192)
def money(minor: int, currency: str, locale: str | None = None) -> str:
    """ "$24.00" in the show's locale, from minor units."""
    digits = digits_of(currency)
    return str(format_currency(minor / 10**digits, currency, locale=babel_locale(locale)))


def price(minor: int, currency: str, locale: str | None = None) -> str:
    """Like money, with the word Free for nothing."""
    return "Free" if minor == 0 else money(minor, currency, locale)


@lru_cache(maxsize=4096)
def day(value: date, locale: str | None = None) -> str:
    """ "Sat, May 15, 2027" in the order of the locale."""
    return str(format_skeleton("yMMMEd", value, locale=babel_locale(locale)))


@lru_cache(maxsize=4096)
def short_day(value: date, locale: str | None = None) -> str:
    """ "Sat, May 15"."""
    return str(format_skeleton("MMMEd", value, locale=babel_locale(locale)))


@lru_cache(maxsize=4096)
def weekday(value: date, locale: str | None = None) -> str:
    """ "Saturday"."""
    return str(format_date(value, "EEEE", locale=babel_locale(locale)))


@lru_cache(maxsize=4096)
def day_range(first: date, last: date, locale: str | None = None) -> str:
    """ "Sat, May 15 to Sun, May 16, 2027", or one day."""
    if first == last:
        return day(first, locale)
    start = short_day(first, locale) if first.year == last.year else day(first, locale)
    return f"{start} to {day(last, locale)}"


@lru_cache(maxsize=8192)
def _clock(hour: int, minute: int, locale: str) -> str:
    return str(format_time(time(hour, minute), "short", locale=locale))


def clock_time(moment: datetime | time, zone_name: str = "UTC", locale: str | None = None) -> str:
    """The time of day in the show's zone and the way of its locale ("10:30 AM", "10:30")."""
    local = to_local(moment, zone_name) if isinstance(moment, datetime) else moment
    return _clock(local.hour, local.minute, babel_locale(locale))


@lru_cache(maxsize=8192)
def _span_of_day(start: time, end: time, locale: str) -> str:
    day_of_both = date(2000, 1, 1)
    pattern = "Hm" if "H" in str(Locale.parse(locale).time_formats["short"].pattern) else "hm"
    both = (datetime.combine(day_of_both, start), datetime.combine(day_of_both, end))
    return str(format_interval(*both, pattern, locale=locale)).replace("\u2009", "").replace(" – ", "–")


def clock_span(start: datetime, end: datetime, zone_name: str, locale: str | None = None) -> str:
    """ "10:30–12:00" or "10:30–11:30 AM": from and to on the show's clock, the shortest way of its locale."""
    first, last = (to_local(moment, zone_name).time().replace(second=0, microsecond=0) for moment in (start, end))
    if first >= last:
        tag = babel_locale(locale)
        return f"{_clock(first.hour, first.minute, tag)}–{_clock(last.hour, last.minute, tag)}"
    return _span_of_day(first, last, babel_locale(locale))


def local_moment(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """ "Sat, May 15, 10:30 AM" in the show's zone."""
    local = to_local(moment, zone_name)
    return f"{day(local.date(), locale)}, {_clock(local.hour, local.minute, babel_locale(locale))}"


def zone_words(moment: datetime, zone_name: str) -> str:
    """The short name of a zone at a moment: "CDT" in Chicago's summer, "CST" in its winter; "UTC-3" where it has no letters."""
    local = to_local(moment, zone_name)
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02d}" if rest else "")


def zoned_time(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """ "9:00 AM CDT": a time of day for somebody who may be elsewhere."""
    return f"{clock_time(moment, zone_name, locale)} {zone_words(moment, zone_name)}"


def zoned_moment(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """ "Sat, May 15, 2027, 10:30 AM CDT": an instant for somebody who may be elsewhere."""
    return f"{local_moment(moment, zone_name, locale)} {zone_words(moment, zone_name)}"


def from_moment(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """Where something begins, after the word "from": like zoned_moment, and midnight is "the start of Wed, Mar 3, 2027 (CST)"."""
    local = to_local(moment, zone_name)
    if local.time() != time(0):
        return zoned_moment(moment, zone_name, locale)
    return f"the start of {day(local.date(), locale)} ({zone_words(moment, zone_name)})"


def until_moment(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """Where something ends, after "until" or "by": midnight is the end of the day before it, "the end of Tue, Mar 2, 2027 (CST)"."""
    local = to_local(moment, zone_name)
    if local.time() != time(0):
        return zoned_moment(moment, zone_name, locale)
    return f"the end of {day(local.date() - timedelta(days=1), locale)} ({zone_words(moment, zone_name)})"


def zone_note(zone_name: str, first: date, last: date, locale: str | None = None) -> str:
    """Once a page: "All times are Chicago time (CDT)." The clock may change between the first and the last day: both names then."""
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    names = {each: zone_words(from_local(each, time(12), zone_name), zone_name) for each in days}
    before, after = names[first], names[last]
    city = zone_name.rpartition("/")[2].replace("_", " ")
    if before == after:
        return f"All times are {city} time ({before})." if city != before else f"All times are {city}."
    changed = next(each for each in days if names[each] == after)
    return f"All times are {city} time ({before}, and {after} from {short_day(changed, locale)})."


def local_day(moment: datetime, zone_name: str, locale: str | None = None) -> str:
    """ "Sat, May 15, 2027": the day of an instant in the show's zone, for what is due by the end of a day."""
    return day(to_local(moment, zone_name).date(), locale)


def number(value: int, locale: str | None = None) -> str:
    return str(format_decimal(value, locale=babel_locale(locale)))


def plural(count: int, one: str, many: str) -> str:
    """ "1 ticket", "2 tickets"."""
    return f"{count:,} {one if count == 1 else many}"


def span(delta: timedelta) -> str:
    """A length of time in words: "12 minutes", "3 hours", "2 days"."""
    seconds = max(0, int(delta.total_seconds()))
    if seconds < 5400:
        return plural(max(1, round(seconds / 60)), "minute", "minutes")
    if seconds < 129600:
        return plural(round(seconds / 3600), "hour", "hours")
    return plural(round(seconds / 86400), "day", "days")


RICH_TAGS = {"p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "a", "h3", "h4", "blockquote"}


def clean_rich(html: str) -> str:
    """Rich text as stored: a short list of tags, links to http(s) and mail only. Applied on save and again on show."""
    return nh3.clean(
        html,
        tags=RICH_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )


def rich(html: str) -> Markup:
    """Rich text for a page, cleaned again."""
    return Markup(clean_rich(html))


def paragraphs(plain: str) -> Markup:
    """Plain text with its empty lines as paragraphs and its line ends kept."""
    blocks = [block.strip() for block in plain.split("\n\n") if block.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(Markup("<br>").join(block.split("\n"))) for block in blocks)


FILTERS: dict[str, Any] = {
    "money": money,
    "price": price,
    "day": day,
    "short_day": short_day,
    "weekday": weekday,
    "day_range": day_range,
    "clock_time": clock_time,
    "clock_span": clock_span,
    "local_moment": local_moment,
    "local_day": local_day,
    "zoned_time": zoned_time,
    "zoned_moment": zoned_moment,
    "from_moment": from_moment,
    "until_moment": until_moment,
    "zone_note": zone_note,
    "number": number,
    "plural": plural,
    "span": span,
    "rich": rich,
    "paragraphs": paragraphs,
    "unlinked": unlinked,
    "length_in": shown_length,
}


def register(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
