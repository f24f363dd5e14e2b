"""The protocol core: OAuth 2.0 as pure functions and values, without I/O, clock or randomness."""
