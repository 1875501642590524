"""Vendor tables

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('vendor',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('sells', sa.String(length=300), nullable=False),
    sa.Column('scales', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('website', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('is_listed', sa.Boolean(), nullable=False),
    sa.Column('search_text', sa.String(length=800), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_vendor_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vendor')),
    sa.UniqueConstraint('person_id', name=op.f('uq_vendor_person_id'))
    )
    op.create_table('table_type',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('length_mm', sa.Integer(), nullable=False),
    sa.Column('depth_mm', sa.Integer(), nullable=False),
    sa.Column('chairs', sa.Integer(), nullable=False),
    sa.Column('has_power', sa.Boolean(), nullable=False),
    sa.Column('power_on_request', sa.Boolean(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('first_price_minor', sa.BigInteger(), nullable=True),
    sa.Column('badges_included', sa.Integer(), nullable=False),
    sa.Column('first_badges', sa.Integer(), nullable=True),
    sa.Column('max_badges', sa.Integer(), nullable=True),
    sa.Column('limit_per_vendor', sa.Integer(), nullable=True),
    sa.Column('sold_by_period', sa.Boolean(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('first_price_minor IS NULL OR first_price_minor >= 0', name=op.f('ck_table_type_first_price_not_negative')),
    sa.CheckConstraint('length_mm > 0 AND depth_mm > 0', name=op.f('ck_table_type_has_area')),
    sa.CheckConstraint('limit_per_vendor IS NULL OR limit_per_vendor > 0', name=op.f('ck_table_type_limit_positive')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_table_type_price_not_negative')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_table_type_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_table_type')),
    sa.UniqueConstraint('event_id', 'code', name=op.f('uq_table_type_event_id_code')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_table_type_event_id_id'))
    )
    op.create_table('vendor_terms',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('max_tables', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_vendor_terms_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_vendor_terms'))
    )
    op.create_table('floor_plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('hall_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'hall_id'], ['hall.event_id', 'hall.id'], name=op.f('fk_floor_plan_event_id_hall_id_hall'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_floor_plan_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_floor_plan')),
    sa.UniqueConstraint('event_id', 'hall_id', name=op.f('uq_floor_plan_event_id_hall_id')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_floor_plan_event_id_id'))
    )
    op.create_table('plan_shape',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('wall', 'door', 'pillar', 'stage', 'power', 'aisle', 'label', name='shapekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('x1_mm', sa.Integer(), nullable=False),
    sa.Column('y1_mm', sa.Integer(), nullable=False),
    sa.Column('x2_mm', sa.Integer(), nullable=False),
    sa.Column('y2_mm', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=120), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'plan_id'], ['floor_plan.event_id', 'floor_plan.id'], name=op.f('fk_plan_shape_event_id_plan_id_floor_plan'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_plan_shape_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_shape'))
    )
    op.create_index('ix_plan_shape_plan', 'plan_shape', ['plan_id'], unique=False)
    op.create_table('table_place',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.String(length=36), nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('label', sa.String(length=20), nullable=False),
    sa.Column('row', sa.String(length=20), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('x_mm', sa.Integer(), nullable=False),
    sa.Column('y_mm', sa.Integer(), nullable=False),
    sa.Column('w_mm', sa.Integer(), nullable=False),
    sa.Column('d_mm', sa.Integer(), nullable=False),
    sa.Column('rotation_ddeg', sa.Integer(), nullable=False),
    sa.Column('facing', sa.Enum('N', 'E', 'S', 'W', name='facing', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('tags', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('is_sellable', sa.Boolean(), nullable=False),
    sa.CheckConstraint('rotation_ddeg >= 0 AND rotation_ddeg < 3600', name=op.f('ck_table_place_rotation_in_circle')),
    sa.CheckConstraint('w_mm > 0 AND d_mm > 0', name=op.f('ck_table_place_has_area')),
    sa.ForeignKeyConstraint(['event_id', 'plan_id'], ['floor_plan.event_id', 'floor_plan.id'], name=op.f('fk_table_place_event_id_plan_id_floor_plan'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'type_id'], ['table_type.event_id', 'table_type.id'], name=op.f('fk_table_place_event_id_type_id_table_type')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_table_place_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_table_place')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_table_place_event_id_id')),
    sa.UniqueConstraint('event_id', 'label', name=op.f('uq_table_place_event_id_label')),
    sa.UniqueConstraint('event_id', 'uid', name=op.f('uq_table_place_event_id_uid'))
    )
    op.create_index('ix_table_place_plan', 'table_place', ['plan_id'], unique=False)
    op.create_table('reservation',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('place_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sale_period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('cart', 'offer', 'incumbent', 'staff', 'sold', name='reservationkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('held', 'offered', 'confirmed', 'checked_in', 'released', 'lapsed', name='reservationstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('vendor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('holder', sa.String(length=200), nullable=False),
    sa.Column('sells', sa.String(length=300), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('release_reason', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stamp', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("(released_at IS NULL) = (state NOT IN ('released', 'lapsed'))", name=op.f('ck_reservation_released_when_over')),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_reservation_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'place_id'], ['table_place.event_id', 'table_place.id'], name=op.f('fk_reservation_event_id_place_id_table_place')),
    sa.ForeignKeyConstraint(['event_id', 'sale_period_id'], ['sale_period.event_id', 'sale_period.id'], name=op.f('fk_reservation_event_id_sale_period_id_sale_period')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_reservation_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['vendor_id'], ['vendor.id'], name=op.f('fk_reservation_vendor_id_vendor'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reservation')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_reservation_event_id_id'))
    )
    op.create_index('ix_reservation_floor', 'reservation', ['event_id', 'stamp', 'expires_at'], unique=False, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    op.create_index('ix_reservation_line', 'reservation', ['line_id'], unique=False)
    op.create_index('ix_reservation_vendor', 'reservation', ['vendor_id'], unique=False)
    op.create_index('uq_reservation_live', 'reservation', ['place_id', 'sale_period_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))


def downgrade() -> None:
    op.drop_index('uq_reservation_live', table_name='reservation', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    op.drop_index('ix_reservation_vendor', table_name='reservation')
    op.drop_index('ix_reservation_line', table_name='reservation')
    op.drop_index('ix_reservation_floor', table_name='reservation', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    op.drop_table('reservation')
    op.drop_index('ix_table_place_plan', table_name='table_place')
    op.drop_table('table_place')
    op.drop_index('ix_plan_shape_plan', table_name='plan_shape')
    op.drop_table('plan_shape')
    op.drop_table('floor_plan')
    op.drop_table('vendor_terms')
    op.drop_table('table_type')
    op.drop_table('vendor')
