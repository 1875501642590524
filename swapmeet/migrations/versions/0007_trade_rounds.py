"""Trade rounds

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('trade_round',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('phase', sa.Enum('listing', 'freeze', 'wants', 'closed', name='phase', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('max_entries', sa.Integer(), nullable=False),
    sa.Column('next_number', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_trade_round_title_given')),
    sa.CheckConstraint('max_entries > 0', name=op.f('ck_trade_round_some_entries')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_round_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_round')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_trade_round_event_id_id'))
    )
    op.create_table('round_deadline',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('phase', sa.Enum('listing', 'freeze', 'wants', 'closed', name='phase', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_deadline_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_deadline_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_deadline')),
    sa.UniqueConstraint('round_id', 'phase', name=op.f('uq_round_deadline_round_id_phase'))
    )
    op.create_table('round_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('protects', sa.Boolean(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_member_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_member_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_round_member_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_member')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_round_member_event_id_id')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_round_member_round_id_number')),
    sa.UniqueConstraint('round_id', 'person_id', name=op.f('uq_round_member_round_id_person_id'))
    )
    op.create_index('ix_round_member_person', 'round_member', ['person_id'], unique=False)
    op.create_table('round_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('scale', sa.String(length=16), nullable=False),
    sa.Column('condition', sa.String(length=16), nullable=False),
    sa.Column('value_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('stays_home', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('value_minor IS NULL OR value_minor >= 0', name=op.f('ck_round_entry_value_not_negative')),
    sa.ForeignKeyConstraint(['event_id', 'listing_id'], ['listing.event_id', 'listing.id'], name=op.f('fk_round_entry_event_id_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'member_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_round_entry_event_id_member_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_entry_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_entry_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_entry')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_round_entry_event_id_id')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_round_entry_round_id_number'))
    )
    op.create_index('ix_round_entry_member', 'round_entry', ['member_id', 'number'], unique=False)
    op.create_index('uq_round_entry_live', 'round_entry', ['listing_id', 'round_id'], unique=True, sqlite_where=sa.text('withdrawn_at IS NULL'), postgresql_where=sa.text('withdrawn_at IS NULL'))
    op.create_table('round_want',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('target_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('pick_one', sa.String(length=1), nullable=False),
    sa.CheckConstraint('entry_id <> target_id', name=op.f('ck_round_want_not_itself')),
    sa.CheckConstraint('rank > 0', name=op.f('ck_round_want_rank_from_one')),
    sa.ForeignKeyConstraint(['event_id', 'entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_round_want_event_id_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'target_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_round_want_event_id_target_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_want_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_want')),
    sa.UniqueConstraint('entry_id', 'target_id', name=op.f('uq_round_want_entry_id_target_id'))
    )
    op.create_index('ix_round_want_target', 'round_want', ['target_id'], unique=False)


def downgrade() -> None:
    op.drop_table('round_want')
    op.drop_table('round_entry')
    op.drop_table('round_member')
    op.drop_table('round_deadline')
    op.drop_table('trade_round')
