"""Lists of orders

Revision: 0041
Follows: 0040
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('order_list',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('reading', 'checked', 'writing', 'done', 'refused', 'dropped', name='liststate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('takes_money', sa.Boolean(), nullable=False),
    sa.Column('method', sa.String(length=32), nullable=False),
    sa.Column('row_count', sa.Integer(), nullable=False),
    sa.Column('done_count', sa.Integer(), nullable=False),
    sa.Column('good_count', sa.Integer(), nullable=False),
    sa.Column('bad_count', sa.Integer(), nullable=False),
    sa.Column('known_count', sa.Integer(), nullable=False),
    sa.Column('only_rows', sa.String(length=2000), nullable=True),
    sa.Column('summary', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'), nullable=False),
    sa.Column('problem', sa.String(length=500), nullable=False),
    sa.Column('sent_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('done_count <= row_count', name=op.f('ck_order_list_done_of_all')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_order_list_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sent_by'], ['person.id'], name=op.f('fk_order_list_sent_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_list')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_order_list_event_id_id'))
    )
    with op.batch_alter_table('order_list', schema=None) as batch_op:
        batch_op.create_index('ix_order_list_event', ['event_id', 'id'], unique=False)

    op.create_table('order_list_fault',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('list_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sentence', sa.String(length=400), nullable=False),
    sa.Column('who', sa.String(length=200), nullable=False),
    sa.Column('cells', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), 'postgresql'), nullable=False),
    sa.ForeignKeyConstraint(['list_id'], ['order_list.id'], name=op.f('fk_order_list_fault_list_id_order_list'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_list_fault')),
    sa.UniqueConstraint('list_id', 'number', name=op.f('uq_order_list_fault_list_id_number'))
    )
    op.create_table('order_list_row',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row_key', sa.String(length=100), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('list_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'list_id'], ['order_list.event_id', 'order_list.id'], name=op.f('fk_order_list_row_event_id_list_id_order_list'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_order_list_row_event_id_order_id_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_order_list_row_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'row_key', name=op.f('pk_order_list_row'))
    )
    with op.batch_alter_table('order_list_row', schema=None) as batch_op:
        batch_op.create_index('ix_order_list_row_list', ['list_id'], unique=False)
        batch_op.create_index('ix_order_list_row_order', ['order_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('order_list_row', schema=None) as batch_op:
        batch_op.drop_index('ix_order_list_row_order')
        batch_op.drop_index('ix_order_list_row_list')

    op.drop_table('order_list_row')
    op.drop_table('order_list_fault')
    with op.batch_alter_table('order_list', schema=None) as batch_op:
        batch_op.drop_index('ix_order_list_event')

    op.drop_table('order_list')
