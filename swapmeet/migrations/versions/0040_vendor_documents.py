"""Documents that shows ask of their vendors

Revision: 0040
Follows: 0039
"""

import sqlalchemy as sa
from alembic import op


revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('asked_document',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('help', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('purge_on', sa.Date(), nullable=False),
    sa.Column('reminds', sa.Boolean(), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('due_on <= purge_on', name=op.f('ck_asked_document_kept_until_due')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_asked_document_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asked_document')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_asked_document_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_asked_document_event_id_name'))
    )
    with op.batch_alter_table('asked_document', schema=None) as batch_op:
        batch_op.create_index('ix_asked_document_due', ['due_on'], unique=False)
        batch_op.create_index('ix_asked_document_purge', ['purge_on'], unique=False)

    op.create_table('vendor_document',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('vendor_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('sent', 'accepted', 'refused', name='documentstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('file_name', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('moves', sa.Integer(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(decided_at IS NULL) = (state = 'sent')", name=op.f('ck_vendor_document_decided_when')),
    sa.CheckConstraint("state <> 'refused' OR reason <> ''", name=op.f('ck_vendor_document_refused_for_a_reason')),
    sa.CheckConstraint("state <> 'sent' OR file_id IS NOT NULL", name=op.f('ck_vendor_document_sent_is_a_file')),
    sa.ForeignKeyConstraint(['event_id', 'asked_id'], ['asked_document.event_id', 'asked_document.id'], name=op.f('fk_vendor_document_event_id_asked_id_asked_document'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_vendor_document_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_vendor_document_file_id_stored_file')),
    sa.ForeignKeyConstraint(['vendor_id'], ['vendor.id'], name=op.f('fk_vendor_document_vendor_id_vendor'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vendor_document')),
    sa.UniqueConstraint('asked_id', 'vendor_id', name=op.f('uq_vendor_document_asked_id_vendor_id'))
    )
    with op.batch_alter_table('vendor_document', schema=None) as batch_op:
        batch_op.create_index('ix_vendor_document_state', ['event_id', 'state'], unique=False)
        batch_op.create_index('ix_vendor_document_vendor', ['vendor_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('vendor_document', schema=None) as batch_op:
        batch_op.drop_index('ix_vendor_document_vendor')
        batch_op.drop_index('ix_vendor_document_state')

    op.drop_table('vendor_document')
    with op.batch_alter_table('asked_document', schema=None) as batch_op:
        batch_op.drop_index('ix_asked_document_purge')
        batch_op.drop_index('ix_asked_document_due')

    op.drop_table('asked_document')
