"""Scores of reviewers, waves of a sale

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('sale_wave',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.Enum('everybody', 'points', 'members', 'code', name='wavekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('min_points', sa.Integer(), nullable=True),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.CheckConstraint("(kind = 'code') = (code <> '')", name=op.f('ck_sale_wave_code_where_asked')),
    sa.CheckConstraint("(kind = 'points') = (min_points IS NOT NULL)", name=op.f('ck_sale_wave_points_where_asked')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_sale_wave_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale_wave')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_sale_wave_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_sale_wave_event_id_name'))
    )
    op.create_table('wave_pass',
    sa.Column('wave_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_wave_pass_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['wave_id'], ['sale_wave.id'], name=op.f('fk_wave_pass_wave_id_sale_wave'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('wave_id', 'person_id', name=op.f('pk_wave_pass'))
    )
    op.create_index('ix_wave_pass_person', 'wave_pass', ['person_id'], unique=False)

    op.create_table('application_score',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reviewer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('has_conflict', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('has_conflict = (score IS NULL)', name=op.f('ck_application_score_score_or_conflict')),
    sa.CheckConstraint('score IS NULL OR score BETWEEN 1 AND 10', name=op.f('ck_application_score_score_in_range')),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_application_score_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_score_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['reviewer_id'], ['person.id'], name=op.f('fk_application_score_reviewer_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_score')),
    sa.UniqueConstraint('application_id', 'reviewer_id', name=op.f('uq_application_score_application_id_reviewer_id'))
    )
    op.create_index('ix_application_score_reviewer', 'application_score', ['reviewer_id'], unique=False)



def downgrade() -> None:
    op.drop_table('application_score')
    op.drop_table('wave_pass')
    op.drop_table('sale_wave')
