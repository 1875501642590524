"""PURE. Who gets which places: three rules over wishes, needs and points, the same result for the same input and seed."""
