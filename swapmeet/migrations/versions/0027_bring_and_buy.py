"""The bring and buy desk: sellers, priced things, payouts

Revision: 0027
Follows: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consignment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', name='deskstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('step_minor', sa.BigInteger(), nullable=False),
    sa.Column('min_minor', sa.BigInteger(), nullable=False),
    sa.Column('most_lots', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('next_number', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('min_minor >= 0', name=op.f('ck_consignment_least_price_not_negative')),
    sa.CheckConstraint('most_lots BETWEEN 1 AND 500', name=op.f('ck_consignment_some_lots')),
    sa.CheckConstraint('percent BETWEEN 0 AND 50', name=op.f('ck_consignment_share_fits')),
    sa.CheckConstraint('step_minor >= 1', name=op.f('ck_consignment_step_fits')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_consignment_event_id_id')),
    sa.UniqueConstraint('event_id', name=op.f('uq_consignment_event_id'))
    )
    op.create_table('consignment_seller',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('desk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'desk_id'], ['consignment.event_id', 'consignment.id'], name=op.f('fk_consignment_seller_event_id_desk_id_consignment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_seller_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_consignment_seller_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_seller')),
    sa.UniqueConstraint('desk_id', 'number', name=op.f('uq_consignment_seller_desk_id_number')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_consignment_seller_event_id_id'))
    )
    op.create_index('ix_consignment_seller_person', 'consignment_seller', ['person_id'], unique=False)
    op.create_index('uq_consignment_seller_person', 'consignment_seller', ['desk_id', 'person_id'], unique=True, sqlite_where=sa.text('person_id IS NOT NULL'), postgresql_where=sa.text('person_id IS NOT NULL'))
    op.create_table('consignment_payout',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seller_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('gross_minor', sa.BigInteger(), nullable=False),
    sa.Column('kept_minor', sa.BigInteger(), nullable=False),
    sa.Column('paid_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('gross_minor = kept_minor + paid_minor', name=op.f('ck_consignment_payout_adds_up')),
    sa.CheckConstraint('paid_minor > 0', name=op.f('ck_consignment_payout_some_money')),
    sa.ForeignKeyConstraint(['event_id', 'seller_id'], ['consignment_seller.event_id', 'consignment_seller.id'], name=op.f('fk_consignment_payout_event_id_seller_id_consignment_seller'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_payout_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_payout')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_consignment_payout_event_id_id'))
    )
    op.create_index('ix_consignment_payout_seller', 'consignment_payout', ['seller_id'], unique=False)
    op.create_table('consignment_lot',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seller_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('listed', 'here', 'sold', 'returned', 'withdrawn', name='lotstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sold_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('payout_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(sold_at IS NOT NULL) = (state = 'sold')", name=op.f('ck_consignment_lot_sold_when')),
    sa.CheckConstraint("payout_id IS NULL OR state = 'sold'", name=op.f('ck_consignment_lot_paid_when_sold')),
    sa.CheckConstraint("title <> ''", name=op.f('ck_consignment_lot_title_given')),
    sa.CheckConstraint('price_minor > 0', name=op.f('ck_consignment_lot_priced')),
    sa.ForeignKeyConstraint(['event_id', 'payout_id'], ['consignment_payout.event_id', 'consignment_payout.id'], name=op.f('fk_consignment_lot_event_id_payout_id_consignment_payout')),
    sa.ForeignKeyConstraint(['event_id', 'seller_id'], ['consignment_seller.event_id', 'consignment_seller.id'], name=op.f('fk_consignment_lot_event_id_seller_id_consignment_seller'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_lot_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_lot')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_consignment_lot_event_id_id')),
    sa.UniqueConstraint('seller_id', 'place', name=op.f('uq_consignment_lot_seller_id_place'))
    )
    op.create_index('ix_consignment_lot_payout', 'consignment_lot', ['payout_id'], unique=False)
    for table in ("consignment_payout",):
        _append_only(table)


def _append_only(table: str) -> None:
    """No row of it is ever changed or deleted."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("update", "delete"):
        then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
        deed = verb.upper() + (" OF " + ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)) if verb == "update" else "")
        op.execute(f"CREATE TRIGGER {table}_no_{verb} BEFORE {deed} ON {table}{'' if is_sqlite else ' FOR EACH ROW'} {then}")


def downgrade() -> None:
    op.drop_table('consignment_lot')
    op.drop_table('consignment_payout')
    op.drop_table('consignment_seller')
    op.drop_table('consignment')
