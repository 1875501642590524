"""How money reaches an order and leaves it again: bank statements, deposits of cash and checks, card payments at a provider."""
