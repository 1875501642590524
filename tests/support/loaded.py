"""What the server of racing children loads before it forks them: the application.

Python's collector would look through all of it in each child, and so copy each of its pages: it is told that these objects stay.
"""

import gc

import swapmeet.factory  # noqa: F401

gc.collect()
gc.freeze()
gc.set_threshold(50_000, 30, 30)
