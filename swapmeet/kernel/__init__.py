"""Plain values every feature speaks in: money, time, errors, actors, states. Pure: no framework, no clock, no I/O."""
