"""The settings of a sign-in: their table, their sources, their checks."""
