"""Where redirect and kernel meet: route, receiver, rendezvous file, pages."""
