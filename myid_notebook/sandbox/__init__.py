"""A simulated Intercede MyID to learn with and to test against, in a process of its own.

Start it with ``python -m myid_notebook.sandbox``. It serves MyID's authorization server
(``/web.oauth2``) and MyID's Core API (``/rest.core/api``) with fictitious people. It imports
nothing else of this project, so that a misreading of the protocol cannot be shared by client and
server and stay unnoticed.

Undocumented behaviour of MyID that had to be assumed is listed in
:mod:`myid_notebook.sandbox.assumptions` and at ``GET /sandbox/assumptions``.
"""
