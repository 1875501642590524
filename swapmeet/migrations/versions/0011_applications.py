"""Applications of vendors: how a show gives out tables, kinds of wares, wishes, who stands near whom

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('vendor_standing',
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vendor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('is_member', sa.Boolean(), nullable=False),
    sa.CheckConstraint('points >= 0 AND points <= 100000', name=op.f('ck_vendor_standing_points_in_range')),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizer.id'], name=op.f('fk_vendor_standing_organizer_id_organizer'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['vendor_id'], ['vendor.id'], name=op.f('fk_vendor_standing_vendor_id_vendor'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organizer_id', 'vendor_id', name=op.f('pk_vendor_standing'))
    )
    op.create_index('ix_vendor_standing_vendor', 'vendor_standing', ['vendor_id'], unique=False)

    op.create_table('vendor_category',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('most_tables', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('most_tables IS NULL OR most_tables >= 0', name=op.f('ck_vendor_category_quota_not_negative')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_vendor_category_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vendor_category')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_vendor_category_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_vendor_category_event_id_name'))
    )
    op.create_table('vendor_selling',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('mode', sa.Enum('direct', 'application', 'waves', name='sellingmode', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('takes_late', sa.Boolean(), nullable=False),
    sa.Column('offer_hours', sa.Integer(), nullable=False),
    sa.Column('is_blind', sa.Boolean(), nullable=False),
    sa.Column('receipt_mail', sa.Boolean(), nullable=False),
    sa.Column('intro', sa.Text(), nullable=False),
    sa.CheckConstraint('offer_hours > 0', name=op.f('ck_vendor_selling_offer_has_time')),
    sa.CheckConstraint('opens_at IS NULL OR closes_at IS NULL OR opens_at < closes_at', name=op.f('ck_vendor_selling_window_in_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_vendor_selling_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_vendor_selling'))
    )
    op.create_table('application',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vendor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('draft', 'submitted', 'in_review', 'changes_requested', 'waitlisted', 'offered', 'declined', 'lapsed', 'withdrawn', 'confirmed', 'canceled', 'checked_in', 'departed', 'no_show', name='applicationstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('moves', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('sells', sa.String(length=300), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('website', sa.String(length=300), nullable=False),
    sa.Column('phone', sa.String(length=40), nullable=False),
    sa.Column('category_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('sale_period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('table_count', sa.Integer(), nullable=False),
    sa.Column('wants_corner', sa.Boolean(), nullable=False),
    sa.Column('power_amps', sa.Integer(), nullable=False),
    sa.Column('step_free', sa.Boolean(), nullable=False),
    sa.Column('display_height_mm', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('answers', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('snapshot', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('staff_note', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('is_late', sa.Boolean(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('editable_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('waitlisted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('willing_until', sa.Date(), nullable=True),
    sa.Column('offer_expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision', sa.Enum('offer', 'waitlist', 'decline', name='decision', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('decision_message', sa.Text(), nullable=False),
    sa.Column('places', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state = 'offered') = (offer_expires_at IS NOT NULL)", name=op.f('ck_application_offer_has_clock')),
    sa.CheckConstraint("(state = 'waitlisted') = (waitlisted_at IS NOT NULL)", name=op.f('ck_application_waits_since')),
    sa.CheckConstraint("submitted_at IS NOT NULL OR state IN ('draft', 'withdrawn')", name=op.f('ck_application_sent_when_not_draft')),
    sa.CheckConstraint('display_height_mm IS NULL OR display_height_mm > 0', name=op.f('ck_application_height_positive')),
    sa.CheckConstraint('power_amps BETWEEN 0 AND 400', name=op.f('ck_application_power_in_range')),
    sa.CheckConstraint('table_count BETWEEN 1 AND 20', name=op.f('ck_application_table_count_in_range')),
    sa.ForeignKeyConstraint(['event_id', 'category_id'], ['vendor_category.event_id', 'vendor_category.id'], name=op.f('fk_application_event_id_category_id_vendor_category')),
    sa.ForeignKeyConstraint(['event_id', 'sale_period_id'], ['sale_period.event_id', 'sale_period.id'], name=op.f('fk_application_event_id_sale_period_id_sale_period')),
    sa.ForeignKeyConstraint(['event_id', 'type_id'], ['table_type.event_id', 'table_type.id'], name=op.f('fk_application_event_id_type_id_table_type')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['vendor_id'], ['vendor.id'], name=op.f('fk_application_vendor_id_vendor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_application_event_id_id')),
    sa.UniqueConstraint('event_id', 'vendor_id', name=op.f('uq_application_event_id_vendor_id'))
    )
    op.create_index('ix_application_state', 'application', ['event_id', 'state'], unique=False)
    op.create_index('ix_application_vendor', 'application', ['vendor_id'], unique=False)

    op.create_table('application_tie',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('near', 'away', name='tiekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('is_agreed', sa.Boolean(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("is_agreed IS NULL OR (kind = 'near' AND other_id IS NOT NULL)", name=op.f('ck_application_tie_near_is_agreed')),
    sa.CheckConstraint('other_id IS NULL OR other_id <> application_id', name=op.f('ck_application_tie_not_itself')),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_application_tie_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'other_id'], ['application.event_id', 'application.id'], name=op.f('fk_application_tie_event_id_other_id_application')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_tie_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_tie')),
    sa.UniqueConstraint('application_id', 'kind', 'name', name=op.f('uq_application_tie_application_id_kind_name'))
    )
    op.create_index('ix_application_tie_other', 'application_tie', ['other_id'], unique=False)

    op.create_table('application_wish',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('place', 'row', 'zone', name='wishkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('target', sa.String(length=80), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.CheckConstraint('rank BETWEEN 1 AND 5', name=op.f('ck_application_wish_rank_in_range')),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_application_wish_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_wish_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_wish')),
    sa.UniqueConstraint('application_id', 'kind', 'target', name=op.f('uq_application_wish_application_id_kind_target')),
    sa.UniqueConstraint('application_id', 'rank', name=op.f('uq_application_wish_application_id_rank'))
    )


def downgrade() -> None:
    op.drop_table('application_wish')
    op.drop_table('application_tie')
    op.drop_table('application')
    op.drop_table('vendor_selling')
    op.drop_table('vendor_category')
    op.drop_table('vendor_standing')
