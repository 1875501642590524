"""The program

Revision: 0004
Follows: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('teacher',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=255), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_teacher_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_teacher_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teacher')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_teacher_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_teacher_event_id_name'))
    )
    op.create_table('program_session',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('workshop', 'class', 'talk', 'make and take', 'game', 'tournament', 'project', 'round table', 'social', 'open hours', name='sessionkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('planned', 'canceled', name='sessionstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hall_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('place_text', sa.String(length=120), nullable=False),
    sa.Column('teacher_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('needs_sign_up', sa.Boolean(), nullable=False),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('kit_fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('min_to_run', sa.Integer(), nullable=True),
    sa.Column('min_age', sa.Integer(), nullable=True),
    sa.Column('scale', sa.String(length=40), nullable=False),
    sa.Column('skill', sa.String(length=40), nullable=False),
    sa.Column('bring', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('NOT needs_sign_up OR quota_id IS NOT NULL', name=op.f('ck_program_session_sign_up_has_quota')),
    sa.CheckConstraint('capacity IS NULL OR capacity > 0', name=op.f('ck_program_session_capacity_positive')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_program_session_ends_after_start')),
    sa.CheckConstraint('fee_minor >= 0 AND kit_fee_minor >= 0', name=op.f('ck_program_session_fees_not_negative')),
    sa.ForeignKeyConstraint(['event_id', 'hall_id'], ['hall.event_id', 'hall.id'], name=op.f('fk_program_session_event_id_hall_id_hall')),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_program_session_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id', 'teacher_id'], ['teacher.event_id', 'teacher.id'], name=op.f('fk_program_session_event_id_teacher_id_teacher')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_program_session_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_program_session')),
    sa.UniqueConstraint('event_id', 'code', name=op.f('uq_program_session_event_id_code')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_program_session_event_id_id'))
    )
    op.create_index('ix_program_session_event_start', 'program_session', ['event_id', 'starts_at', 'id'], unique=False)
    op.create_table('sign_up',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('session_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('confirmed', 'canceled', name='signupstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('canceled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_sign_up_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'session_id'], ['program_session.event_id', 'program_session.id'], name=op.f('fk_sign_up_event_id_session_id_program_session')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_sign_up_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_up_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_up')),
    sa.UniqueConstraint('line_id', 'seat', name=op.f('uq_sign_up_line_id_seat'))
    )
    op.create_index('ix_sign_up_session', 'sign_up', ['session_id'], unique=False)
    op.create_index('uq_sign_up_person', 'sign_up', ['session_id', 'person_id'], unique=True, sqlite_where=sa.text("state = 'confirmed'"), postgresql_where=sa.text("state = 'confirmed'"))


def downgrade() -> None:
    op.drop_index('uq_sign_up_person', table_name='sign_up', sqlite_where=sa.text("state = 'confirmed'"), postgresql_where=sa.text("state = 'confirmed'"))
    op.drop_index('ix_sign_up_session', table_name='sign_up')
    op.drop_table('sign_up')
    op.drop_index('ix_program_session_event_start', table_name='program_session')
    op.drop_table('program_session')
    op.drop_table('teacher')
