"""Walks the site as a person would and collects its pages and forms."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException


@dataclass
class FoundForm:
    """A POST form: where it goes and its fields as (name, kind, value)."""

    page: str
    action: str
    endpoint: str
    fields: list[tuple[str, str, str]] = field(default_factory=list)
    is_multipart: bool = False

    def values(self) -> dict[str, str]:
        """What a browser would send untouched (unchecked boxes and buttons left out)."""
        return {
            name: value
            for name, kind, value in self.fields
            if kind not in ("checkbox", "radio", "submit", "button", "file")
        }

    def typed(self) -> list[str]:
        """Names of the fields a person types into."""
        closed = ("hidden", "checkbox", "radio", "submit", "button", "file")
        return [name for name, kind, _ in self.fields if kind not in closed]


class PageParser(HTMLParser):
    """Links and forms of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, bool, list[tuple[str, str, str]]]] = []
        self._select: tuple[str, str] | None = None
        self._area: str | None = None
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.headings += tag == "h1"
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "form":
            multipart = given.get("enctype") == "multipart/form-data"
            self.forms.append((given.get("method", "get").lower(), given.get("action", ""), multipart, []))
        elif self.forms and given.get("name"):
            self._field(tag, given)
        elif tag == "option" and self._select and ("selected" in given or not self._select[1]):
            self._select = (self._select[0], given.get("value", ""))

    def _field(self, tag: str, given: dict[str, str]) -> None:
        fields = self.forms[-1][3]
        if tag == "input":
            fields.append((given["name"], given.get("type", "text"), given.get("value", "")))
        elif tag == "textarea":
            fields.append((given["name"], "textarea", ""))
            self._area = given["name"]
        elif tag == "select":
            self._select = (given["name"], "")
        elif tag == "button":
            fields.append((given["name"], "submit", given.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            name, kind, value = self.forms[-1][3][-1]
            self.forms[-1][3][-1] = (name, kind, value + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if tag == "select" and self._select and self.forms:
            self.forms[-1][3].append((self._select[0], "select", self._select[1]))
            self._select = None


@dataclass
class Crawl:
    """What was found: status by address, POST forms once per (endpoint, field names), and faults."""

    statuses: dict[str, int] = field(default_factory=dict)
    forms: dict[tuple[str, tuple[str, ...]], FoundForm] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)


def endpoint_of(app: Flask, address: str, method: str = "GET") -> str:
    """The endpoint behind an address, or "" when there is none."""
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(address).path, method=method)[0])
    except HTTPException:
        return ""


def crawl(app: Flask, client: FlaskClient, starts: Iterable[str], *, per_endpoint: int = 3, limit: int = 400) -> Crawl:
    """Follow links from `starts`, at most `per_endpoint` addresses of one endpoint."""
    result, queue, seen = Crawl(), list(starts), dict[str, int]()
    while queue and len(result.statuses) < limit:
        address = queue.pop(0)
        path = urlsplit(address)
        if address in result.statuses or path.netloc or path.scheme in ("mailto", "tel") or not address.startswith("/"):
            continue
        endpoint = endpoint_of(app, address)
        if endpoint in ("", "static") or seen.get(endpoint, 0) >= per_endpoint:
            continue
        seen[endpoint] = seen.get(endpoint, 0) + 1
        answer = client.get(address)
        result.statuses[address] = answer.status_code
        if answer.status_code in (301, 302, 303, 307, 308):
            queue.append(answer.headers["Location"])
        if answer.status_code == 200 and answer.mimetype == "text/html":
            queue += _read(app, result, address, answer.get_data(as_text=True))
    return result


def _read(app: Flask, result: Crawl, address: str, html: str) -> list[str]:
    parser = PageParser()
    parser.feed(html)
    result.bodies[address] = html
    for method, action, multipart, fields in parser.forms:
        if method == "post":
            target = urljoin(address, action or address)
            endpoint = endpoint_of(app, target, "POST")
            key = (endpoint, tuple(sorted({name for name, _, _ in fields})))
            result.forms.setdefault(key, FoundForm(address, target, endpoint, fields, multipart))
    return [urljoin(address, link).partition("#")[0] for link in parser.links]
