"""What MyID returns, as tables."""
