"""Photos of listings: sent, prepared by a heavy job, shown, described, put first, removed."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from swapmeet.cli.work import build_worker
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import FileState, StoredFile, delete_bytes, list_keys
from swapmeet.infra.invariants import files_and_rows_differ
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.uow import transaction
from swapmeet.trades.models import Listing, ListingPhoto
from swapmeet.trades.services import photos
from tests.support.forms import post
from tests.trades.stall import list_thing, picture


def _send(
    world: Any, listing_id: int, *contents: bytes, key: str = "tess", name: str = "my photo.jpg", alt: str = ""
) -> Any:
    files = [(BytesIO(content), name) for content in contents]
    return post(
        world.client(key),
        f"/trades/{listing_id}/photos",
        {"photos": files, "alt": alt},
        content_type="multipart/form-data",
    )


def _work(world: Any) -> None:
    """Do the due jobs here, heavy ones too; one test below does them in a child process, as the worker does."""
    db.session.rollback()
    handlers = world.app.extensions["swapmeet_registry"].jobs
    Worker(world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
    db.session.rollback()


def _photos(listing_id: int) -> list[ListingPhoto]:
    db.session.rollback()
    statement = select(ListingPhoto).where(ListingPhoto.listing_id == listing_id)
    return list(db.session.scalars(statement.order_by(ListingPhoto.position)))


def _all_is_named() -> bool:
    db.session.rollback()
    return files_and_rows_differ(db.session(), utcnow()) == []


@pytest.fixture
def listing_id(world: Any) -> int:
    for key in list_keys():
        delete_bytes(key)
    return list_thing(world, "tess")


def test_a_photo_is_prepared_and_shown_to_everybody(world: Any, listing_id: int) -> None:
    assert _send(world, listing_id, picture(size=(2000, 1500)), alt="Front view").status_code == 303
    page = world.client("tess").get(f"/trades/{listing_id}/photos").text
    assert "1 photo is being prepared" in page and "Front view" in page
    _work(world)
    listing = db.session.get_one(Listing, listing_id)
    assert listing.cover_key and listing.cover_alt == "Front view"
    html = world.client().get(f"/shows/{world.slug}/trades").text
    assert f'src="/files/{listing.cover_key}"' in html and 'alt="Front view"' in html
    answer = world.client().get(f"/files/{listing.cover_key}")
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/webp"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in answer.headers["Content-Security-Policy"] and "Set-Cookie" not in answer.headers
    assert Image.open(BytesIO(answer.data)).size == (480, 360)
    assert "/files/" in world.client().get(f"/trades/{listing_id}").text
    assert _all_is_named() and not any("incoming" in key for key in list_keys())


def test_the_file_as_sent_is_never_served(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture())
    db.session.rollback()
    for row in db.session.scalars(select(StoredFile)).all():
        assert row.state is FileState.INCOMING
        assert world.client().get(f"/files/{row.key}").status_code == 404
        assert world.client("tess").get(f"/files/{row.key}").status_code == 404


@pytest.mark.parametrize(
    "key", ["x", "../../etc/passwd", "listing.photo/../../secret_key", "%2e%2e/%2e%2e/etc/passwd", "a%00b", "x" * 3000]
)
def test_r_t40_other_names_are_not_found(world: Any, key: str) -> None:
    assert world.client().get(f"/files/{key}").status_code == 404


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "drawing.svg"),
        (b"<!doctype html><script>alert(1)</script>", "photo.jpg"),
        (b"", "photo.png"),
        (b"\xff\xd8\xff\xe0", "photo.jpg"),
    ],
)
def test_r_t18_a_file_that_is_no_picture_is_refused_at_its_field(
    world: Any, listing_id: int, content: bytes, name: str
) -> None:
    answer = _send(world, listing_id, picture(), content, name=name, alt="Kept words")
    assert answer.status_code == 422 and f"{name}: " in answer.text and "Kept words" in answer.text
    assert _photos(listing_id) == [] and list_keys() == set()


def test_r_t40_a_name_with_a_path_is_only_a_name(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture(), name="../../../etc/cron.d/evil<b>.jpg")
    assert _photos(listing_id)[0].file_name == "evil<b>.jpg"
    assert all(key.startswith("listing.incoming/") for key in list_keys())
    assert "evil&lt;b&gt;.jpg" in world.client("tess").get(f"/trades/{listing_id}/photos").text


def test_the_worker_prepares_photos_in_a_process_of_its_own(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture())
    db.session.rollback()
    build_worker(world.app).drain()
    db.session.rollback()
    assert db.session.get_one(Listing, listing_id).cover_key is not None


def test_a_picture_that_breaks_when_decoded_tells_its_owner(world: Any, listing_id: int) -> None:
    noise = BytesIO()
    Image.effect_noise((300, 300), 80).convert("RGB").save(noise, "JPEG")
    assert _send(world, listing_id, noise.getvalue()[:-4000]).status_code == 303
    _work(world)
    page = world.client("tess").get(f"/trades/{listing_id}/photos").text
    assert "Not used" in page and "damaged or cut off" in page
    assert "damaged" not in world.client().get(f"/trades/{listing_id}").text
    assert list_keys() == set() and _all_is_named()


def test_six_photos_and_no_more(world: Any, listing_id: int) -> None:
    assert _send(world, listing_id, *[picture()] * 5).status_code == 303
    late = _send(world, listing_id, picture(), picture())
    assert late.status_code == 422 and "at most 6 photos" in late.text and "room for 1 more" in late.text
    assert _send(world, listing_id, picture()).status_code == 303
    assert "Add photos" not in world.client("tess").get(f"/trades/{listing_id}/photos").text


def test_photos_are_described_put_first_and_removed(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture(), picture(size=(200, 200)))
    _work(world)
    first, second = _photos(listing_id)
    tess = world.client("tess")
    post(tess, f"/trades/{listing_id}/photos/{second.id}", {"alt": "Back view"})
    post(tess, f"/trades/{listing_id}/photos/{second.id}/first")
    db.session.rollback()
    listing = db.session.get_one(Listing, listing_id)
    assert listing.cover_alt == "Back view" and [p.id for p in _photos(listing_id)] == [second.id, first.id]
    key = listing.cover_key
    post(tess, f"/trades/{listing_id}/photos/{second.id}/removal")
    assert world.client().get(f"/files/{key}").status_code == 404
    _work(world)
    db.session.rollback()
    assert db.session.get_one(Listing, listing_id).cover_alt == "" and len(list_keys()) == 2
    assert _all_is_named()


def test_other_peoples_photos_cannot_be_touched(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture())
    photo = _photos(listing_id)[0]
    own = list_thing(world, "tom", title="Hay wagon")
    tom = world.client("tom")
    for step in ("", "/first", "/removal"):
        assert post(tom, f"/trades/{listing_id}/photos/{photo.id}{step}", {"alt": "x"}).status_code == 404
        assert post(tom, f"/trades/{own}/photos/{photo.id}{step}", {"alt": "x"}).status_code == 404
    assert _send(world, listing_id, picture(), key="tom").status_code == 404
    assert len(_photos(listing_id)) == 1


def test_a_photo_removed_while_it_is_prepared_leaves_nothing(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture())
    photo_id = _photos(listing_id)[0].id
    prepared = photos.prepare_photo({"photo_id": photo_id})
    post(world.client("tess"), f"/trades/{listing_id}/photos/{photo_id}/removal")
    db.session.rollback()
    with transaction() as db_session:
        photos.finish_photo(db_session, {"photo_id": photo_id}, now=utcnow(), prepared=prepared)
    _work(world)
    assert list_keys() == set() and _all_is_named()


def test_sending_nothing_says_so(world: Any, listing_id: int) -> None:
    answer = post(world.client("tess"), f"/trades/{listing_id}/photos", {"alt": "x"})
    assert answer.status_code == 422 and "Choose a photo first." in answer.text


def test_a_hidden_listings_photos_are_not_served(world: Any, listing_id: int) -> None:
    _send(world, listing_id, picture())
    _work(world)
    key = db.session.get_one(Listing, listing_id).cover_key
    olga = world.client("olga")
    post(olga, f"/manage/shows/{world.slug}/trades/listings/{listing_id}/hiding", {"reason": "A copy"})
    assert world.client().get(f"/files/{key}").status_code == 404
    post(olga, f"/manage/shows/{world.slug}/trades/listings/{listing_id}/showing")
    assert world.client().get(f"/files/{key}").status_code == 200
