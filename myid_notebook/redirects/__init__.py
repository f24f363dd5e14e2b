"""How the redirect finds its kernel: listener, rendezvous, relay, page, choice of door."""
