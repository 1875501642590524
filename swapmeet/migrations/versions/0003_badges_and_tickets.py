"""Badges and tickets

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('badge_counter',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_badge_counter_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_badge_counter'))
    )
    op.create_table('gate',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_gate_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_gate')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_gate_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_gate_event_id_name'))
    )
    op.create_table('ticket_type',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('description', sa.String(length=500), nullable=False),
    sa.Column('requirement', sa.String(length=200), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('valid_days', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('days_allowed', sa.Integer(), nullable=True),
    sa.Column('entry_from', sa.String(length=5), nullable=True),
    sa.Column('min_age', sa.Integer(), nullable=True),
    sa.Column('per_order_limit', sa.Integer(), nullable=False),
    sa.Column('sale_starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sale_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('names_until_on', sa.Date(), nullable=True),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shared_quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('is_hidden', sa.Boolean(), nullable=False),
    sa.Column('is_door_only', sa.Boolean(), nullable=False),
    sa.Column('is_admission', sa.Boolean(), nullable=False),
    sa.Column('refund_policy', sa.String(length=32), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('days_allowed IS NULL OR days_allowed > 0', name=op.f('ck_ticket_type_days_positive')),
    sa.CheckConstraint('min_age IS NULL OR min_age BETWEEN 0 AND 120', name=op.f('ck_ticket_type_age_sensible')),
    sa.CheckConstraint('per_order_limit BETWEEN 1 AND 1000', name=op.f('ck_ticket_type_limit_sensible')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_ticket_type_price_not_negative')),
    sa.CheckConstraint('sale_ends_at IS NULL OR sale_starts_at IS NULL OR sale_ends_at > sale_starts_at', name=op.f('ck_ticket_type_sale_in_order')),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_ticket_type_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id', 'shared_quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_ticket_type_event_id_shared_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ticket_type_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_type')),
    sa.UniqueConstraint('event_id', 'code', name=op.f('uq_ticket_type_event_id_code')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_ticket_type_event_id_id'))
    )
    op.create_index('ix_ticket_type_quota', 'ticket_type', ['quota_id'], unique=False)
    op.create_index('ix_ticket_type_shared_quota', 'ticket_type', ['shared_quota_id'], unique=False)
    op.create_table('price_tier',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_price_tier_price_not_negative')),
    sa.CheckConstraint('until_on IS NOT NULL OR until_at IS NOT NULL OR quota_id IS NOT NULL', name=op.f('ck_price_tier_has_an_end')),
    sa.CheckConstraint('until_on IS NULL OR until_at IS NULL', name=op.f('ck_price_tier_one_end')),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_price_tier_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id', 'ticket_type_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_price_tier_event_id_ticket_type_id_ticket_type'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_price_tier_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_tier')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_price_tier_event_id_id')),
    sa.UniqueConstraint('ticket_type_id', 'position', name=op.f('uq_price_tier_ticket_type_id_position'))
    )
    op.create_index('ix_price_tier_quota', 'price_tier', ['quota_id'], unique=False)
    op.create_table('attendee',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('role', sa.Enum('visitor', 'vendor', 'assistant', 'teacher', 'volunteer', name='attendeerole', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('ticket_label', sa.String(length=200), nullable=False),
    sa.Column('valid_days', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('days_allowed', sa.Integer(), nullable=True),
    sa.Column('entry_from', sa.String(length=5), nullable=True),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('order_code', sa.String(length=16), nullable=False),
    sa.Column('canceled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('search_text', sa.String(length=600), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_attendee_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_attendee_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_attendee_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendee')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_attendee_event_id_id'))
    )
    op.create_index('ix_attendee_event_name', 'attendee', ['event_id', 'name'], unique=False)
    op.create_index('ix_attendee_event_order', 'attendee', ['event_id', 'order_code'], unique=False)
    op.create_index('ix_attendee_person', 'attendee', ['person_id'], unique=False)
    op.create_index('uq_attendee_line_seat', 'attendee', ['line_id', 'role', 'seat'], unique=True)
    op.create_table('badge',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('issued', 'void', name='badgestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('void_reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendee.event_id', 'attendee.id'], name=op.f('fk_badge_event_id_attendee_id_attendee'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_badge_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_badge')),
    sa.UniqueConstraint('code', name=op.f('uq_badge_code')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_badge_event_id_id')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_badge_event_id_number'))
    )
    op.create_index('uq_badge_live', 'badge', ['attendee_id'], unique=True, sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))
    op.create_table('check_in',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('badge_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('gate_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('by_label', sa.String(length=200), nullable=False),
    sa.Column('nonce', sa.String(length=64), nullable=True),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_by', sa.String(length=200), nullable=False),
    sa.CheckConstraint('undone_at IS NULL OR undone_at >= at', name=op.f('ck_check_in_undone_after')),
    sa.ForeignKeyConstraint(['by_person_id'], ['person.id'], name=op.f('fk_check_in_by_person_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendee.event_id', 'attendee.id'], name=op.f('fk_check_in_event_id_attendee_id_attendee'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'badge_id'], ['badge.event_id', 'badge.id'], name=op.f('fk_check_in_event_id_badge_id_badge'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'gate_id'], ['gate.event_id', 'gate.id'], name=op.f('fk_check_in_event_id_gate_id_gate'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_check_in_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_check_in'))
    )
    op.create_index('ix_check_in_badge', 'check_in', ['badge_id'], unique=False)
    op.create_index('ix_check_in_event_at', 'check_in', ['event_id', 'at'], unique=False)
    op.create_index('uq_check_in_live', 'check_in', ['attendee_id', 'day'], unique=True, sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
    op.create_index('uq_check_in_nonce', 'check_in', ['event_id', 'nonce'], unique=True)


def downgrade() -> None:
    op.drop_index('uq_check_in_nonce', table_name='check_in')
    op.drop_index('uq_check_in_live', table_name='check_in', sqlite_where=sa.text('undone_at IS NULL'), postgresql_where=sa.text('undone_at IS NULL'))
    op.drop_index('ix_check_in_event_at', table_name='check_in')
    op.drop_index('ix_check_in_badge', table_name='check_in')
    op.drop_table('check_in')
    op.drop_index('uq_badge_live', table_name='badge', sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))
    op.drop_table('badge')
    op.drop_index('uq_attendee_line_seat', table_name='attendee')
    op.drop_index('ix_attendee_person', table_name='attendee')
    op.drop_index('ix_attendee_event_order', table_name='attendee')
    op.drop_index('ix_attendee_event_name', table_name='attendee')
    op.drop_table('attendee')
    op.drop_index('ix_price_tier_quota', table_name='price_tier')
    op.drop_table('price_tier')
    op.drop_index('ix_ticket_type_shared_quota', table_name='ticket_type')
    op.drop_index('ix_ticket_type_quota', table_name='ticket_type')
    op.drop_table('ticket_type')
    op.drop_table('gate')
    op.drop_table('badge_counter')
