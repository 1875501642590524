"""Order links are made of the secret key and the row, and orders know that their mail was held back

Revision: 0008
Follows: 0007

Links that were sent stay good both ways: each row's key is put under its mask, or taken from under it. Both need the secret
key that the installation runs with.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 1000
LENGTH = 24
ORDERS = sa.table("order", sa.column("id", sa.Integer), sa.column("code", sa.String), sa.column("link_seal", sa.String))


def upgrade() -> None:
    op.execute('ALTER TABLE "order" RENAME COLUMN link_key TO link_seal')
    turn(under_mask)
    op.add_column('order', sa.Column('mail_held_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('order', 'mail_held_at')
    turn(under_mask)
    op.execute('ALTER TABLE "order" RENAME COLUMN link_seal TO link_key')


def turn(change: Callable[[bytes, str, str], str]) -> None:
    """Rewrite the column of each order, a thousand rows at a time."""
    secret = current_app.secret_key or b""
    raw = secret.encode() if isinstance(secret, str) else secret
    bind, last = op.get_bind(), 0
    there = sa.select(ORDERS.c.id, ORDERS.c.code, ORDERS.c.link_seal).where(ORDERS.c.link_seal.is_not(None))
    write = ORDERS.update().where(ORDERS.c.id == sa.bindparam("row_id")).values(link_seal=sa.bindparam("value"))
    while rows := bind.execute(there.where(ORDERS.c.id > last).order_by(ORDERS.c.id).limit(AT_ONCE)).all():
        bind.execute(write, [{"row_id": row.id, "value": change(raw, row.code, row.link_seal)} for row in rows])
        last = rows[-1].id


def under_mask(secret: bytes, code: str, key: str) -> str:
    """The key under its mask, or the key again from what lies under it. Always 24 bytes: nothing else ever made keys."""
    mask = hmac.digest(secret, f"swapmeet order link {code}".encode(), "sha256")[:LENGTH]
    return urlsafe_b64encode(bytes(a ^ b for a, b in zip(urlsafe_b64decode(key), mask, strict=True))).decode()
