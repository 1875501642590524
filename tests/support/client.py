"""A test client whose requests never share `g` or the database session with the test or with each other."""

from typing import Any

from flask.testing import FlaskClient


class SeparateClient(FlaskClient):
    """Tests hold an application context open; Flask would reuse it for each request, and with it who is signed in."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            return super().open(*args, **kwargs)
