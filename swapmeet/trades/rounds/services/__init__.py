"""Services of trade rounds."""
