"""Whatever is sent to trades, the answer is no 5xx."""

from typing import Any

import pytest

from tests.support.forms import token_of
from tests.trades.stall import form_of, list_thing, offer_of

NASTY = ["a\x00b", "\ud800", "x" * 400_000]


@pytest.mark.parametrize("value", NASTY, ids=range(len(NASTY)))
def test_r_t27_odd_values_in_each_field_are_no_server_error(world: Any, value: str) -> None:
    wagon, chairs = list_thing(world, "tom", title="Hay wagon"), list_thing(world, "tess")
    offer_id = offer_of(world, "tom", "tess", give=[wagon], take=[chairs])
    tess, olga = world.client("tess"), world.client("olga")
    settings = {
        "trades_open_at": "",
        "trades_close_at": "",
        "max_live_listings": "5",
        "hold_hours": "5",
        "desk_text": "",
        "why_off": "",
    }
    forms: list[tuple[Any, str, dict[str, Any]]] = [
        (tess, f"/shows/{world.slug}/trades/new", form_of()),
        (tess, f"/trades/{chairs}/edit", form_of(seen="1")),
        (tess, f"/trades/{chairs}/photos", {"alt": ""}),
        (tess, f"/trades/{wagon}/offer", {"give": chairs, "take": wagon, "note": "", "key": "k"}),
        (tess, f"/me/trades/offers/{offer_id}/counter", {"give": chairs, "take": wagon, "note": "", "key": "k"}),
        (tess, f"/me/trades/offers/{offer_id}/messages", {"body": ""}),
        (tess, f"/me/trades/offers/{offer_id}/acceptance", {"seen": ""}),
        (tess, f"/trades/{wagon}/report", {"reason": "rude", "note": ""}),
        (olga, f"/manage/shows/{world.slug}/trades/settings", settings),
        (olga, f"/manage/shows/{world.slug}/trades/listings/{wagon}/hiding", {"reason": ""}),
        (tess, f"/me/trades/offers/{offer_id}/refusal", {"note": ""}),
    ]
    tokens = {tess: token_of(tess), olga: token_of(olga)}
    for client, url, values in forms:
        for name in values:
            data = {**values, name: value, "csrf_token": tokens[client]}
            body = "&".join(f"{key}={_quoted(str(one))}" for key, one in data.items())
            answer = client.post(url, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, (url, name)


def _quoted(text: str) -> str:
    """Percent-encoded, lone surrogates too, as a hostile client would send them."""
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogatepass"))
