"""`kill -9` of the worker in mid-work loses no mail and sends none for a fact that was rolled back."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import transaction
from tests import factories

MAILS = 60
KILLS = 3
ROOT = Path(__file__).resolve().parents[2]


def queue_mails(environ: dict[str, str]) -> None:
    """A session is canceled for sixty buyers; one more mail belongs to a transaction that is rolled back."""
    from swapmeet.orders.services.carts import open_cart
    from swapmeet.program.models import ProgramSession, SessionKind

    app = create_app(Settings.from_env(environ))
    with app.app_context():
        now = utcnow()
        with transaction() as db_session:
            event = factories.event(db_session, organizer=factories.organizer(db_session))
            order = open_cart(db_session, event=event, person_id=None, cart_key="k", now=now)
            session = ProgramSession(
                event_id=event.id,
                code="S1",
                title="Bricks",
                kind=SessionKind.TALK,
                starts_at=now,
                ends_at=now.replace(year=2099),
                created_at=now,
                changed_at=now,
            )
            db_session.add(session)
            db_session.flush()
            payload = {"session_id": session.id, "order_id": order.id, "reason": "ill"}
            for number in range(MAILS):
                queue_mail(
                    db_session,
                    kind="program.canceled",
                    to=f"b{number}@example.org",
                    payload=payload,
                    fact_key=f"f{number}",
                    now=now,
                )
        with pytest.raises(KeyError), transaction() as db_session:
            queue_mail(
                db_session, kind="program.canceled", to="never@example.org", payload=payload, fact_key="never", now=now
            )
            raise KeyError
        db.session.remove()
        db.engine.dispose()


def sent(folder: Path) -> list[str]:
    return [path.read_text() for path in (folder / "mail").glob("*.eml")] if (folder / "mail").exists() else []


def wait_for_progress(folder: Path, process: subprocess.Popen[bytes], before: int) -> None:
    """Kill only after work was seen: a worker killed while it starts proves nothing."""
    end = time.monotonic() + 120
    while time.monotonic() < end and sum(1 for _ in (folder / "mail").glob("*.eml")) <= before:
        assert process.poll() is None, "the worker ended by itself"
        time.sleep(0.01)
    assert len(sent(folder)) > before


def test_kill_9_of_the_worker_loses_no_mail(place: dict[str, str], tmp_path: Path) -> None:
    queue_mails(place)
    environ = {**os.environ, **place}
    command = [sys.executable, "-m", "swapmeet", "worker"]
    for kill in range(KILLS):
        process = subprocess.Popen(command, env=environ, cwd=ROOT)
        try:
            wait_for_progress(tmp_path, process, len(sent(tmp_path)))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        (tmp_path / "clock").write_text(f"+{(kill + 1) * 600}")  # the dead worker's lease is over
    subprocess.run([*command, "--once"], env=environ, cwd=ROOT, check=True)
    mails = sent(tmp_path)
    receivers = sorted(line for mail in mails for line in mail.splitlines() if line.startswith("To: "))
    assert receivers == sorted(f"To: b{number}@example.org" for number in range(MAILS))
    app = create_app(Settings.from_env(place))
    with app.app_context():
        assert db.session.query(Job).filter(Job.state != JobState.DONE).count() == 0
        db.session.remove()
        db.engine.dispose()
