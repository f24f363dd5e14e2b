"""Facts about this machine: ports, the users behind connections, processes."""
