"""Registration owns ticket types and their price tiers, and sells admission."""
