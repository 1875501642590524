"""Payment providers behind one interface: a hosted page takes the card, we never see it."""
