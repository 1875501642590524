"""Floor plans: published versions, drafts, places that left the plan

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COLUMNS = "id, event_id, plan_id, number, document, digest, published_at"


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), **more)


def _of_plan(table):
    return (
        sa.ForeignKeyConstraint(['event_id', 'plan_id'], ['floor_plan.event_id', 'floor_plan.id'], name=op.f(f'fk_{table}_event_id_plan_id_floor_plan'), ondelete='CASCADE'),
        sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f(f'fk_{table}_event_id_event'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    )


def upgrade() -> None:
    op.create_table('plan_version',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('plan_id', nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number > 0', name=op.f('ck_plan_version_number_from_one')),
    *_of_plan('plan_version'),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_plan_version_event_id_id')),
    sa.UniqueConstraint('plan_id', 'number', name=op.f('uq_plan_version_plan_id_number'))
    )
    op.create_table('plan_draft',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('plan_id', nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('based_on', sa.Integer(), nullable=False),
    sa.Column('document', sa.Text(), nullable=False),
    _id('saved_by_id', nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('number > 0 AND based_on >= 0', name=op.f('ck_plan_draft_numbers_fit')),
    *_of_plan('plan_draft'),
    sa.ForeignKeyConstraint(['saved_by_id'], ['person.id'], name=op.f('fk_plan_draft_saved_by_id_person'), ondelete='SET NULL'),
    sa.UniqueConstraint('plan_id', name=op.f('uq_plan_draft_plan_id'))
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    then = "BEGIN SELECT RAISE(ABORT, 'plan_version is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
    each = "" if is_sqlite else " FOR EACH ROW"
    op.execute(f"CREATE TRIGGER plan_version_no_update BEFORE UPDATE OF {COLUMNS} ON plan_version{each} {then}")
    op.add_column('plan_shape', sa.Column('uid', sa.String(length=36), server_default='', nullable=False))
    op.add_column('table_place', sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Places that left the plan come back as places that are not for sale; drafts and versions go."""
    op.drop_table('plan_draft')
    op.drop_table('plan_version')
    op.drop_column('plan_shape', 'uid')
    op.drop_column('table_place', 'retired_at')
