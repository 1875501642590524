"""The web shell every feature's views stand in: access, errors, forms, headers, filters, assets."""
