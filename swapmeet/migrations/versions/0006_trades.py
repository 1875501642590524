"""Trades

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = '0005'
branch_labels = None
depends_on = None

STATEMENTS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE IF NOT EXISTS listing_fts USING fts5(document, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3 4')"
    ],
    "postgresql": [
        "CREATE TABLE IF NOT EXISTS listing_fts (listing_id BIGINT PRIMARY KEY REFERENCES listing (id) ON DELETE CASCADE, document TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_listing_fts_document ON listing_fts USING gin (document)"
    ]
}


def upgrade() -> None:
    op.create_table('block',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('blocker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('blocked_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('blocker_id <> blocked_id', name=op.f('ck_block_not_oneself')),
    sa.ForeignKeyConstraint(['blocked_id'], ['person.id'], name=op.f('fk_block_blocked_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['blocker_id'], ['person.id'], name=op.f('fk_block_blocker_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_block')),
    sa.UniqueConstraint('blocker_id', 'blocked_id', name=op.f('uq_block_blocker_id_blocked_id'))
    )
    op.create_index(op.f('ix_block_blocked_id'), 'block', ['blocked_id'], unique=False)
    op.create_table('listing',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('category', sa.String(length=32), nullable=False),
    sa.Column('scale', sa.String(length=16), nullable=False),
    sa.Column('condition', sa.String(length=16), nullable=False),
    sa.Column('completeness', sa.String(length=16), nullable=False),
    sa.Column('intent', sa.String(length=16), nullable=False),
    sa.Column('wants', sa.String(length=300), nullable=False),
    sa.Column('price_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.Enum('draft', 'listed', 'reserved', 'traded', 'withdrawn', 'expired', name='listingstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('cover_key', sa.String(length=120), nullable=True),
    sa.Column('cover_alt', sa.String(length=200), nullable=False),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hidden_reason', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('listed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("title <> ''", name=op.f('ck_listing_title_given')),
    sa.CheckConstraint('price_minor IS NULL OR price_minor >= 0', name=op.f('ck_listing_price_not_negative')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_listing_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_listing_owner_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_listing_event_id_id'))
    )
    op.create_index('ix_listing_event_state', 'listing', ['event_id', 'state', 'id'], unique=False)
    op.create_index('ix_listing_owner', 'listing', ['owner_id', 'id'], unique=False)
    op.create_table('thread',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('low_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('high_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('low_id < high_id', name=op.f('ck_thread_in_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_thread_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['high_id'], ['person.id'], name=op.f('fk_thread_high_id_person')),
    sa.ForeignKeyConstraint(['low_id'], ['person.id'], name=op.f('fk_thread_low_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thread')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_thread_event_id_id')),
    sa.UniqueConstraint('event_id', 'low_id', 'high_id', name=op.f('uq_thread_event_id_low_id_high_id'))
    )
    op.create_table('trade_settings',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('max_live_listings', sa.Integer(), nullable=False),
    sa.Column('hold_hours', sa.Integer(), nullable=False),
    sa.Column('desk_text', sa.String(length=500), nullable=False),
    sa.Column('why_off', sa.String(length=300), nullable=False),
    sa.CheckConstraint('hold_hours > 0', name=op.f('ck_trade_settings_some_hold')),
    sa.CheckConstraint('max_live_listings > 0', name=op.f('ck_trade_settings_some_listings')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_settings_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_trade_settings'))
    )
    op.create_table('listing_photo',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('alt', sa.String(length=200), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('incoming_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('large_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('small_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'listing_id'], ['listing.event_id', 'listing.id'], name=op.f('fk_listing_photo_event_id_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_listing_photo_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['incoming_id'], ['stored_file.id'], name=op.f('fk_listing_photo_incoming_id_stored_file'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['large_id'], ['stored_file.id'], name=op.f('fk_listing_photo_large_id_stored_file'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['small_id'], ['stored_file.id'], name=op.f('fk_listing_photo_small_id_stored_file'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_photo'))
    )
    op.create_index('ix_listing_photo_listing', 'listing_photo', ['listing_id', 'position'], unique=False)
    op.create_table('message',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('thread_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('sender_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'thread_id'], ['thread.event_id', 'thread.id'], name=op.f('fk_message_event_id_thread_id_thread'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_message_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sender_id'], ['person.id'], name=op.f('fk_message_sender_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message'))
    )
    op.create_index('ix_message_sender', 'message', ['sender_id'], unique=False)
    op.create_index('ix_message_thread', 'message', ['thread_id', 'id'], unique=False)
    op.create_table('offer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('parent_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('thread_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('to_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('open', 'countered', 'accepted', 'declined', 'withdrawn', 'expired', 'completed', name='offerstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('from_done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('to_done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('close_note', sa.String(length=500), nullable=False),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_offer_two_people')),
    sa.ForeignKeyConstraint(['closed_by_id'], ['person.id'], name=op.f('fk_offer_closed_by_id_person')),
    sa.ForeignKeyConstraint(['event_id', 'parent_id'], ['offer.event_id', 'offer.id'], name=op.f('fk_offer_event_id_parent_id_offer'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'thread_id'], ['thread.event_id', 'thread.id'], name=op.f('fk_offer_event_id_thread_id_thread'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_offer_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['from_id'], ['person.id'], name=op.f('fk_offer_from_id_person')),
    sa.ForeignKeyConstraint(['to_id'], ['person.id'], name=op.f('fk_offer_to_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_offer_event_id_id'))
    )
    op.create_index('ix_offer_from', 'offer', ['from_id', 'state', 'id'], unique=False)
    op.create_index('ix_offer_thread', 'offer', ['thread_id', 'id'], unique=False)
    op.create_index('ix_offer_to', 'offer', ['to_id', 'state', 'id'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reporter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.Enum('banned', 'not-as-said', 'stolen', 'rude', 'scam', 'other', name='reportreason', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('note', sa.String(length=1000), nullable=False),
    sa.Column('state', sa.Enum('open', 'upheld', 'dismissed', name='reportstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'listing_id'], ['listing.event_id', 'listing.id'], name=op.f('fk_report_event_id_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_report_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_report_person_id_person')),
    sa.ForeignKeyConstraint(['reporter_id'], ['person.id'], name=op.f('fk_report_reporter_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_report_event_id_id'))
    )
    op.create_index('ix_report_event_state', 'report', ['event_id', 'state', 'id'], unique=False)
    op.create_index('ix_report_reporter', 'report', ['reporter_id'], unique=False)
    op.create_table('offer_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('side', sa.Enum('give', 'take', name='side', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('listing_version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'listing_id'], ['listing.event_id', 'listing.id'], name=op.f('fk_offer_item_event_id_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'offer_id'], ['offer.event_id', 'offer.id'], name=op.f('fk_offer_item_event_id_offer_id_offer'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_offer_item_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer_item')),
    sa.UniqueConstraint('offer_id', 'listing_id', name=op.f('uq_offer_item_offer_id_listing_id'))
    )
    op.create_index('ix_offer_item_listing', 'offer_item', ['listing_id'], unique=False)
    op.create_table('trade_claim',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('listing_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('offer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'listing_id'], ['listing.event_id', 'listing.id'], name=op.f('fk_trade_claim_event_id_listing_id_listing'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'offer_id'], ['offer.event_id', 'offer.id'], name=op.f('fk_trade_claim_event_id_offer_id_offer'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_claim_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_claim'))
    )
    op.create_index('ix_trade_claim_offer', 'trade_claim', ['offer_id'], unique=False)
    op.create_index('uq_trade_claim_live', 'trade_claim', ['listing_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(':', '\\:')))


def downgrade() -> None:
    op.execute("DROP TABLE listing_fts")
    op.drop_index('uq_trade_claim_live', table_name='trade_claim', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
    op.drop_index('ix_trade_claim_offer', table_name='trade_claim')
    op.drop_table('trade_claim')
    op.drop_index('ix_offer_item_listing', table_name='offer_item')
    op.drop_table('offer_item')
    op.drop_index('ix_report_reporter', table_name='report')
    op.drop_index('ix_report_event_state', table_name='report')
    op.drop_table('report')
    op.drop_index('ix_offer_to', table_name='offer')
    op.drop_index('ix_offer_thread', table_name='offer')
    op.drop_index('ix_offer_from', table_name='offer')
    op.drop_table('offer')
    op.drop_index('ix_message_thread', table_name='message')
    op.drop_index('ix_message_sender', table_name='message')
    op.drop_table('message')
    op.drop_index('ix_listing_photo_listing', table_name='listing_photo')
    op.drop_table('listing_photo')
    op.drop_table('trade_settings')
    op.drop_table('thread')
    op.drop_index('ix_listing_owner', table_name='listing')
    op.drop_index('ix_listing_event_state', table_name='listing')
    op.drop_table('listing')
    op.drop_index(op.f('ix_block_blocked_id'), table_name='block')
    op.drop_table('block')
