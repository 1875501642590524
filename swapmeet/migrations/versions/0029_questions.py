"""Questions and answers

Revision: 0029
Follows: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('question',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('help', sa.Text(), nullable=False),
    sa.Column('kind', sa.Enum('text', 'long_text', 'number', 'yes_no', 'one_of', 'several_of', 'date', 'time', 'phone', 'email', 'country', 'agreement', name='questionkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('scope', sa.Enum('order', 'person', name='scope', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('options', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('is_required', sa.Boolean(), nullable=False),
    sa.Column('is_health', sa.Boolean(), nullable=False),
    sa.Column('needed_by_on', sa.Date(), nullable=True),
    sa.Column('purge_on', sa.Date(), nullable=True),
    sa.Column('depends_on_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('depends_value', sa.String(length=200), nullable=True),
    sa.Column('product_ids', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(depends_on_id IS NULL) = (depends_value IS NULL)", name=op.f('ck_question_condition_is_whole')),
    sa.CheckConstraint('depends_on_id IS NULL OR depends_on_id <> id', name=op.f('ck_question_not_after_itself')),
    sa.CheckConstraint('is_health = (purge_on IS NOT NULL)', name=op.f('ck_question_health_is_purged')),
    sa.CheckConstraint('needed_by_on IS NULL OR is_required', name=op.f('ck_question_a_day_for_what_is_needed')),
    sa.ForeignKeyConstraint(['event_id', 'depends_on_id'], ['question.event_id', 'question.id'], name=op.f('fk_question_event_id_depends_on_id_question')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_question_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_question_event_id_id'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index('ix_question_event', ['event_id', 'position'], unique=False)
        batch_op.create_index('ix_question_purge', ['purge_on'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(line_id IS NULL) = (seat = 0)', name=op.f('ck_answer_seat_of_a_line')),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_answer_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_answer_event_id_order_id_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'question_id'], ['question.event_id', 'question.id'], name=op.f('fk_answer_event_id_question_id_question'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_answer_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('question_id', 'subject', name=op.f('uq_answer_question_id_subject'))
    )
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.create_index('ix_answer_event', ['event_id', 'question_id'], unique=False)
        batch_op.create_index('ix_answer_line', ['line_id'], unique=False)
        batch_op.create_index('ix_answer_order', ['order_id'], unique=False)

    op.create_table('health_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('question_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(line_id IS NULL) = (seat = 0)', name=op.f('ck_health_answer_seat_of_a_line')),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_health_answer_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_health_answer_event_id_order_id_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'question_id'], ['question.event_id', 'question.id'], name=op.f('fk_health_answer_event_id_question_id_question'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_health_answer_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_health_answer')),
    sa.UniqueConstraint('question_id', 'subject', name=op.f('uq_health_answer_question_id_subject'))
    )
    with op.batch_alter_table('health_answer', schema=None) as batch_op:
        batch_op.create_index('ix_health_answer_event', ['event_id', 'question_id'], unique=False)
        batch_op.create_index('ix_health_answer_line', ['line_id'], unique=False)
        batch_op.create_index('ix_health_answer_order', ['order_id'], unique=False)

    op.add_column('event', sa.Column('asks_questions', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('event', 'asks_questions')

    with op.batch_alter_table('health_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_health_answer_order')
        batch_op.drop_index('ix_health_answer_line')
        batch_op.drop_index('ix_health_answer_event')

    op.drop_table('health_answer')
    with op.batch_alter_table('answer', schema=None) as batch_op:
        batch_op.drop_index('ix_answer_order')
        batch_op.drop_index('ix_answer_line')
        batch_op.drop_index('ix_answer_event')

    op.drop_table('answer')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index('ix_question_purge')
        batch_op.drop_index('ix_question_event')

    op.drop_table('question')
