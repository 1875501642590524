"""Better tables for placed vendors, before the waiting list

Revision: 0043
Follows: 0042
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('upgrade_offer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('offered', 'taken', 'declined', 'lapsed', 'void', name='upgradestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('places', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('origins', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('holds', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('labels', sa.String(length=300), nullable=False),
    sa.Column('labels_now', sa.String(length=300), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('rank_now', sa.Integer(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'offered') = (ended_at IS NULL)", name=op.f('ck_upgrade_offer_ended_when_over')),
    sa.CheckConstraint('rank > 0 AND (rank_now = 0 OR rank < rank_now)', name=op.f('ck_upgrade_offer_better_than_now')),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_upgrade_offer_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_upgrade_offer_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upgrade_offer'))
    )
    with op.batch_alter_table('upgrade_offer', schema=None) as batch_op:
        batch_op.create_index('ix_upgrade_offer_event', ['event_id', 'state'], unique=False)
        batch_op.create_index('uq_upgrade_offer_open', ['application_id'], unique=True, sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))

    op.add_column('vendor_selling', sa.Column('has_upgrades', sa.Boolean(), server_default=sa.false(), nullable=False))

def downgrade() -> None:
    op.drop_column('vendor_selling', 'has_upgrades')

    with op.batch_alter_table('upgrade_offer', schema=None) as batch_op:
        batch_op.drop_index('uq_upgrade_offer_open', sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))
        batch_op.drop_index('ix_upgrade_offer_event')

    op.drop_table('upgrade_offer')
