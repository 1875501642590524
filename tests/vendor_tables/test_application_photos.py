"""Photos of booth and wares on an application: sent, made safe by a heavy job, looked at by a few, locked, gone."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import delete_bytes, list_keys
from swapmeet.infra.invariants import files_and_rows_differ
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import ApplicationPhoto
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests.support.forgetting import forget
from tests.support.forms import post
from tests.vendor_tables.applying import FULL, Applying

S = ApplicationState


def picture(**options: Any) -> bytes:
    target = BytesIO()
    Image.new("RGB", (320, 240), (30, 120, 200)).save(target, "JPEG", **options)
    return target.getvalue()


def taken_at_home() -> bytes:
    """With a camera's notes in it."""
    notes = Image.Exif()
    notes[0x010F] = "SECRETCAMERA"
    return picture(exif=notes)


def send(applying: Applying, *contents: bytes, who: str = "vic", alt: str = "") -> Any:
    files = [(BytesIO(content), "my table.jpg") for content in contents]
    address = f"/shows/{applying.world.slug}/application/photos"
    return post(applying.world.client(who), address, {"photos": files, "alt": alt}, content_type="multipart/form-data")


def work(applying: Applying) -> None:
    """Do the due jobs here, heavy ones too."""
    db.session.rollback()
    handlers = applying.world.app.extensions["swapmeet_registry"].jobs
    Worker(applying.world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
    db.session.rollback()


def kept(application_id: int) -> list[ApplicationPhoto]:
    db.session.rollback()
    return queries.list_photos(db.session(), application_id=application_id)


@pytest.fixture
def draft(applying: Applying) -> int:
    for key in list_keys():
        delete_bytes(key)
    return applying.write(is_sent=False, about="I make lamps.")


def test_a_draft_gets_photos_that_only_a_few_may_see(applying: Applying, draft: int) -> None:
    world, own = applying.world, f"/shows/{applying.world.slug}/application/photos"
    answer = applying.post("/form", {**FULL, "deed": "photos"})
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/application/photos")
    assert send(applying, taken_at_home(), alt="From the front").status_code == 303
    assert "1 photo is being prepared" in world.client("vic").get(own).text
    work(applying)
    (photo,) = kept(draft)
    seen = world.client("vic").get(f"{own}/{photo.id}/large")
    assert seen.status_code == 200 and seen.headers["Content-Type"] == "image/webp"
    assert b"SECRETCAMERA" not in seen.data and not Image.open(BytesIO(seen.data)).getexif()
    assert seen.headers["Cache-Control"] == "private, no-store" and "sandbox" in seen.headers["Content-Security-Policy"]
    team = f"/manage/shows/{world.slug}/applications/{draft}/photos/{photo.id}/small"
    assert world.client("olga").get(team).status_code == 404, "a draft is read by nobody"
    assert applying.post("/form", FULL).status_code == 303
    assert world.client("olga").get(team).status_code == 200
    assert f"/photos/{photo.id}/small" in applying.managed(f"/{draft}") and "From the front" in applying.page()
    review = f"/manage/shows/{world.slug}/applications/review/{draft}"
    assert f"/photos/{photo.id}/small" in world.client("olga").get(review).text
    assert world.client("olga").get(f"{review}/photos/{photo.id}/large").status_code == 200
    for address in (f"{own}/{photo.id}/large", team, f"{review}/photos/{photo.id}/large"):
        assert world.client("ann").get(address).status_code == 404
        assert world.client().get(address).status_code in (302, 303, 401, 404)
    assert all(world.client("vic").get(f"/files/{key}").status_code == 404 for key in list_keys())
    assert files_and_rows_differ(db.session(), utcnow()) == []


def test_they_are_locked_once_sent_and_open_again_when_changes_are_asked_for(applying: Applying, draft: int) -> None:
    send(applying, picture())
    work(applying)
    assert applying.post("/form", FULL).status_code == 303
    photo_id = kept(draft)[0].id
    late = send(applying, picture())
    assert late.status_code == 409 and "stay as they are" in late.text
    applying.post(f"/photos/{photo_id}/removal", {})
    assert [each.id for each in kept(draft)] == [photo_id]
    assert applying.world.client("vic").get(f"/shows/{applying.world.slug}/application/photos").status_code == 303
    applying.bring(draft, S.CHANGES_REQUESTED)
    assert send(applying, picture()).status_code == 303
    applying.post(f"/photos/{photo_id}/removal", {})
    work(applying)
    assert [each.id == photo_id for each in kept(draft)] == [False]
    assert files_and_rows_differ(db.session(), utcnow()) == []


@pytest.mark.parametrize(
    ("contents", "alt", "words"),
    [
        ((b"<svg onload='alert(1)'/>",), "", "my table.jpg: This is not a picture"),
        ((picture(), b""), "Kept words", "my table.jpg: This file is empty"),
        ((), "", "Choose a photo first."),
        ((picture(),) * 7, "", "At most 6 photos at a time."),
        ((picture(),) * 5, "", "This show takes 4 photos at most. There is room for 4 more."),
    ],
)
def test_what_cannot_be_used_is_told_at_its_field(
    applying: Applying, draft: int, contents: tuple[bytes, ...], alt: str, words: str
) -> None:
    answer = send(applying, *contents, alt=alt)
    assert answer.status_code in (409, 422) and words in answer.text and alt in answer.text
    assert kept(draft) == [] and list_keys() == set()


def test_a_picture_that_breaks_when_decoded_tells_its_vendor(applying: Applying, draft: int) -> None:
    send(applying, picture()[:400])
    work(applying)
    (photo,) = kept(draft)
    assert photo.problem and not photo.is_ready
    assert "Not used" in applying.page(rest="/photos") and photo.problem in applying.page(rest="/photos")


def test_a_show_that_asks_for_none_offers_none(applying: Applying, draft: int) -> None:
    applying.settings(most_photos=0)
    assert "add photos" not in applying.page(rest="/form")
    assert "0 photos at most" in send(applying, picture()).text and kept(draft) == []


def test_they_are_taken_along_with_ones_own_data_and_erased(applying: Applying, draft: int) -> None:
    send(applying, picture(), alt="From the front")
    work(applying)
    part = next(each for each in registry().personal_data if each.name == "vendor applications")
    (own,) = part.export(db.session(), person_id=applying.world.ids["vic"])
    assert [each["alt"] for each in own["photos"]] == ["From the front"] and own["photos"][0]["file"] in list_keys()
    with transaction() as db_session:
        forget(db_session, applying.world.ids["vic"])
    work(applying)
    assert kept(draft) == [] and list_keys() == set()
