"""Explore MyID's API over a session: searches, tables, many calls."""
