"""A repeated key returns the first answer; the same key with other content is refused."""

from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.idempotency import KeyReused, find_answer, forget_old, keep_answer
from swapmeet.infra.uow import transaction


def test_the_first_answer_comes_back(app: Any) -> None:
    with transaction() as db_session:
        assert find_answer(db_session, scope="cart:1", key="k", content="a") is None
        keep_answer(db_session, scope="cart:1", key="k", content="a", answer="/orders/1", now=utcnow())
    with transaction() as db_session:
        assert find_answer(db_session, scope="cart:1", key="k", content="a") == "/orders/1"
        assert find_answer(db_session, scope="cart:2", key="k", content="a") is None
        with pytest.raises(KeyReused):
            find_answer(db_session, scope="cart:1", key="k", content="b")


def test_old_keys_are_forgotten(app: Any, clock: Any) -> None:
    with transaction() as db_session:
        keep_answer(db_session, scope="s", key="k", content="a", answer="x", now=utcnow())
    clock.advance(days=4)
    with transaction() as db_session:
        forget_old(db_session, now=utcnow())
        assert find_answer(db_session, scope="s", key="k", content="a") is None
