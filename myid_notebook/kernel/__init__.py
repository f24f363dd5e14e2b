"""What a user sees in a notebook or terminal: magics, calls, widget, the waiting cell."""
