"""What is claimed about speed, one program each. `make bench` runs them all; results go to docs/performance.md."""
