"""The base stands: a world can be built, the shell answers, the door for writes does not nest."""

from typing import Any

import pytest

from swapmeet.infra.uow import transaction


def test_the_shell_answers(client: Any) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}


def test_an_unknown_host_is_refused(client: Any) -> None:
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_the_cast_is_there(world: Any) -> None:
    assert world.person("olga").name == "Olga Organizer"
    assert world.show().slug == "lakeside-fair"


def test_a_transaction_does_not_nest(app: Any) -> None:
    with transaction(), pytest.raises(RuntimeError, match="nest"), transaction():
        raise AssertionError
