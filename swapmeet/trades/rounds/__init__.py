"""Multi-way trade rounds: things enter, people choose wants, the engine finds the loops, the desk hands over."""
