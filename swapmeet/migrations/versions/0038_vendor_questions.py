"""Questions that vendors answer on their applications

Revision: 0038
Follows: 0037
"""

from alembic import op

from swapmeet.migrations.edits import change_values

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

OLD = ('order', 'person')
NEW = (*OLD, 'vendor')


def upgrade() -> None:
    change_values(op, 'question', 'scope', 'ck_question_scope', OLD, NEW)


def downgrade() -> None:
    """The version before cannot ask vendors: these questions are switched off, what was answered stays with the applications."""
    op.execute("UPDATE question SET scope = 'order', archived_at = created_at WHERE scope = 'vendor'")
    asks = "EXISTS (SELECT 1 FROM question WHERE question.event_id = event.id AND question.archived_at IS NULL)"
    op.execute(f"UPDATE event SET asks_questions = {asks}")
    change_values(op, 'question', 'scope', 'ck_question_scope', NEW, OLD)
