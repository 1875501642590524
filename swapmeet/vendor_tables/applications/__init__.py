"""Applications of vendors for a show: written, looked at, decided, offered and accepted."""
