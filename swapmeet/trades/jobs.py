"""What trades does without anybody asking: pictures, and writing down what time has decided."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import Registry
from swapmeet.trades.services import listings, offers, photos, settling

TIDY_EVERY_S = 300.0


def tidy(db_session: Session, now: datetime) -> None:
    """Expired listings and offers, and agreed trades that lapsed. Nothing depends on this being on time."""
    settling.lapse_agreed(db_session, now=now)
    offers.expire_offers(db_session, now=now)
    listings.expire_listings(db_session, now=now)


def register(registry: Registry) -> None:
    """Put the job handlers and the tidying into the registry."""
    registry.jobs[photos.ENCODE_JOB] = Handler(
        run=photos.finish_photo, prepare=photos.prepare_photo, heavy=True, lease_s=60
    )
    registry.periodic.append((TIDY_EVERY_S, "trades.tidy", tidy))
