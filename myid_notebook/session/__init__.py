"""The authenticated session."""
