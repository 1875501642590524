"""`python -m swapmeet` is the `swapmeet` command."""

from swapmeet.cli import main

main()
