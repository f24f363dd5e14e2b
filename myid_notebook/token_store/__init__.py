"""Share a token between the kernels of one Jupyter server, in the server's memory only."""
