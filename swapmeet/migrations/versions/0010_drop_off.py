"""The day of a trade round: phases of the hand-over, and things as the desk took them in

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD = ("listing", "freeze", "wants", "preview", "closed")
NEW = ("listing", "freeze", "wants", "preview", "drop_off", "final", "pick_up", "disputes", "closed")


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), **more)


def _phase(phases):
    return sa.Column('phase', sa.Enum(*phases, name='phase', native_enum=False, create_constraint=True, length=32), nullable=False)


def _round(phases):
    """The table as SQLite copies it."""
    return sa.Table('trade_round', sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    _phase(phases),
    sa.Column('max_entries', sa.Integer(), nullable=False),
    sa.Column('next_number', sa.Integer(), nullable=False),
    _id('seed', nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_trade_round_title_given')),
    sa.CheckConstraint('max_entries > 0', name=op.f('ck_trade_round_some_entries')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_round_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_round')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_trade_round_event_id_id'))
    )


def _deadline(phases):
    return sa.Table('round_deadline', sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _phase(phases),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_deadline_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_deadline_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_deadline')),
    sa.UniqueConstraint('round_id', 'phase', name=op.f('uq_round_deadline_round_id_phase'))
    )


def _allow(phases):
    if op.get_bind().dialect.name == "sqlite":
        for table in (_round(phases), _deadline(phases)):
            with op.batch_alter_table(table.name, copy_from=table, recreate='always'):
                pass
        return
    words = ", ".join(f"'{phase}'" for phase in phases)
    for table in ('trade_round', 'round_deadline'):
        op.drop_constraint(op.f(f'ck_{table}_phase'), table, type_='check')
        op.create_check_constraint(op.f(f'ck_{table}_phase'), table, f"phase IN ({words})")


def upgrade() -> None:
    _allow(NEW)
    op.create_table('round_intake',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('entry_id', nullable=False),
    sa.Column('state', sa.Enum('expected', 'present', 'refused', 'gone', 'returned', 'missing', name='intakestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('condition', sa.Enum('as_described', 'not_as_described', 'damaged', name='condition', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('by_label', sa.String(length=200), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'expected' AND condition IS NULL) OR (state = 'refused' AND condition IS NOT NULL AND condition = 'damaged') OR (state NOT IN ('expected', 'refused') AND condition IS NOT NULL AND condition IN ('as_described', 'not_as_described'))", name=op.f('ck_round_intake_condition_fits')),
    sa.CheckConstraint("condition IS NULL OR condition = 'as_described' OR note <> ''", name=op.f('ck_round_intake_note_given')),
    sa.ForeignKeyConstraint(['event_id', 'entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_round_intake_event_id_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_intake_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_intake_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_intake')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_round_intake_entry_id'))
    )
    op.create_index('ix_round_intake_round', 'round_intake', ['round_id', 'state'], unique=False)


def downgrade() -> None:
    """Rounds on their day go back to their first result; what the desk wrote down goes."""
    op.drop_table('round_intake')
    op.execute("UPDATE trade_round SET phase = 'preview' WHERE phase IN ('drop_off', 'final', 'pick_up', 'disputes')")
    op.execute("DELETE FROM round_deadline WHERE phase IN ('drop_off', 'final', 'pick_up', 'disputes')")
    _allow(OLD)
