"""Photos on applications

Revision: 0039
Follows: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None


def _id(name, *, nullable=False, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=nullable, **more)


def _file(name):
    return sa.ForeignKeyConstraint([name], ['stored_file.id'], name=op.f(f'fk_application_photo_{name}_stored_file'), ondelete='SET NULL')


def upgrade() -> None:
    op.add_column('vendor_selling', sa.Column('most_photos', sa.Integer(), server_default='4', nullable=False))
    op.create_table('application_photo',
    _id('id', autoincrement=True),
    _id('event_id'),
    _id('application_id'),
    sa.Column('alt', sa.String(length=200), nullable=False),
    _id('incoming_id', nullable=True),
    _id('large_id', nullable=True),
    _id('small_id', nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_application_photo_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_photo_event_id_event'), ondelete='CASCADE'),
    _file('incoming_id'),
    _file('large_id'),
    _file('small_id'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_photo'))
    )
    op.create_index('ix_application_photo_application', 'application_photo', ['application_id'])


def downgrade() -> None:
    op.drop_table('application_photo')
    op.drop_column('vendor_selling', 'most_photos')
