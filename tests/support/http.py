"""A small HTTP client for live servers: keeps cookies and the CSRF token as a browser does, follows no redirect by itself."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.forms import find_token


@dataclass(frozen=True)
class Answer:
    """What came back. `location` is the target of a redirect, "" without one."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))


class HttpClient:
    """One visitor with one kept connection; not for use by several threads at once. `token` is that of the last page."""

    def __init__(self, address: str, *, timeout_s: float = 30) -> None:
        parts = urlsplit(address)
        self.host = parts.netloc
        self.connection = HTTPConnection("127.0.0.1", parts.port or 80, timeout=timeout_s)
        self.cookies: dict[tuple[str, str], str] = {}  # (path, name) -> value
        self.token = ""

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Send a form with the CSRF token of the last page fetched."""
        body = urlencode({"csrf_token": self.token, **(data or {})}, doseq=True).encode()
        return self.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    def follow(self, answer: Answer) -> Answer:
        """The page a redirect points to."""
        parts = urlsplit(answer.location)
        return self.get(parts.path + (f"?{parts.query}" if parts.query else ""))

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """One request as it is. Raises OSError or HTTPException when the server is gone; the next request connects anew."""
        sent = {"Host": self.host, "Cookie": self._cookies_for(path), **(headers or {})}
        try:
            self.connection.request(method, path, body, {key: value for key, value in sent.items() if value})
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except BaseException:
            self.connection.close()
            raise
        self._remember(answer)
        return answer

    def set_cookie(self, name: str, value: str, path: str = "/") -> None:
        self.cookies[path, name] = value

    def _cookies_for(self, path: str) -> str:
        return "; ".join(f"{name}={value}" for (below, name), value in self.cookies.items() if path.startswith(below))

    def _remember(self, answer: Answer) -> None:
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                key = (morsel["path"] or "/", name)
                if morsel.value and morsel["max-age"] != "0" and "1970" not in morsel["expires"]:
                    self.cookies[key] = morsel.value
                else:
                    self.cookies.pop(key, None)
        if answer.headers.get_content_type() == "text/html":
            self.token = find_token(answer.text) or self.token
