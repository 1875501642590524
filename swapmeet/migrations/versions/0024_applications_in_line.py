"""Applications that wait for a table stand on the show's waiting list

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False, **more)


def _same_event(column, target):
    return sa.ForeignKeyConstraint(['event_id', column], [f'{target}.event_id', f'{target}.id'], name=op.f(f'fk_application_in_line_event_id_{column}_{target}'), ondelete='CASCADE')


def upgrade() -> None:
    op.create_table('application_in_line',
    _id('application_id', autoincrement=False),
    _id('event_id'),
    _id('entry_id'),
    _same_event('application_id', 'application'),
    _same_event('entry_id', 'waiting_entry'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_application_in_line_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_application_in_line')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_application_in_line_entry_id'))
    )


def downgrade() -> None:
    """Applications go on waiting; their places in line stay as entries of the list."""
    op.drop_table('application_in_line')
