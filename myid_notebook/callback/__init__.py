"""How the redirect reaches its kernel: route, receiver, listener, relay, pages."""
