"""Database migrations, both ways."""
