"""The use cases of payments, one module for each part."""
