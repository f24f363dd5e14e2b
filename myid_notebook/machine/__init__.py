"""This machine: ports, the users of connections, processes and their files."""
