"""One sign-in, from the link to the token; no user interface."""
