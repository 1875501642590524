"""A visitor of the benchmarks: one kept connection, cookies, and the hidden fields of the last page."""

import html
import http.client
import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|key|seen_total)"[^>]*value="([^"]*)"')


class Unexpected(AssertionError):
    """A status other than the expected one. The message has the path and the start of the body."""


@dataclass(frozen=True)
class Answer:
    """A response, its header names in lower case."""

    path: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def target(self) -> str:
        """The path that a redirect leads to."""
        parts = urlsplit(self.headers["location"])
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def expect(self, *statuses: int) -> "Answer":
        """The answer itself. Raises Unexpected for another status."""
        if self.status not in statuses:
            raise Unexpected(f"{self.path} answered {self.status}: {self.text[:2000]}")
        return self


@dataclass
class Browser:
    """One visitor. `hidden` has the last seen value of the hidden fields that go back with a form."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    _connection: http.client.HTTPConnection | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send("GET", path, None, dict(headers or {}))

    def post(self, path: str, data: Mapping[str, str]) -> Answer:
        """A form, with the CSRF token and the key of the page it came from."""
        body = urlencode({**self.hidden, **data})
        return self._send("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post_json(self, path: str, body: str, token: str) -> Answer:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return self._send("POST", path, body, headers)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        self.requests += 1
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response, content = self._exchange(method, path, body, headers)
        self._keep(response.headers.get_all("Set-Cookie") or [])
        if response.getheader("Connection") == "close":
            self.close()
        if response.getheader("Content-Type", "").startswith("text/html"):
            found = HIDDEN.findall(content.decode())
            self.hidden |= {name: html.unescape(value) for name, value in found}
        return Answer(path, response.status, {k.lower(): v for k, v in response.getheaders()}, content)

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Over the kept connection. One that the server closed while it was idle is opened anew, as browsers do for pages."""
        was_kept = self._connection is not None
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            return response, response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            if was_kept and method == "GET":
                return self._exchange(method, path, body, headers)
            raise

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value and value != '""':
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)


def wait_for(port: int, path: str, seconds: float = 90) -> None:
    """Until the path answers 200. Raises RuntimeError after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        browser = Browser(port)
        try:
            if browser.get(path).status == 200:
                return
        except OSError:
            time.sleep(0.01)
        finally:
            browser.close()
    raise RuntimeError(f"nothing answers at {path}")


class Turns:
    """Visitors who keep their connections and take turns.

    There are many, so that both workers have some: with eight it happens that one worker accepts them all.
    """

    def __init__(self, port: int, count: int = 64) -> None:
        self._idle = deque(Browser(port) for _ in range(count))

    @contextmanager
    def next(self) -> Iterator[Browser]:
        """The one who waited longest; back in the row afterwards, unless something went wrong."""
        browser = self._idle.popleft()
        yield browser
        self._idle.append(browser)
