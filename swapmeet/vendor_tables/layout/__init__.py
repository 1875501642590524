"""PURE. The floor plan of a hall as a document: what it holds, how blocks become places, what is wrong with it, what changed."""
