"""Questions that are asked at the door

Revision: 0048
Follows: 0047
"""

import sqlalchemy as sa
from alembic import op

from swapmeet.migrations.edits import change_values

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None

OLD = ('order', 'person', 'vendor')
NEW = (*OLD, 'door')


def upgrade() -> None:
    change_values(op, 'question', 'scope', 'ck_question_scope', OLD, NEW)
    op.add_column('event', sa.Column('asks_at_door', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """The version before asks nothing at the door: these questions are switched off, their answers stay with the people."""
    op.execute("UPDATE question SET scope = 'person', archived_at = created_at WHERE scope = 'door'")
    asks = "EXISTS (SELECT 1 FROM question WHERE question.event_id = event.id AND question.archived_at IS NULL)"
    op.execute(f"UPDATE event SET asks_questions = {asks}")
    op.drop_column('event', 'asks_at_door')
    change_values(op, 'question', 'scope', 'ck_question_scope', NEW, OLD)
