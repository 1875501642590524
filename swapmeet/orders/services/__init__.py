"""The use cases of orders, one file each: carts, checkout, payments, cancellations."""
