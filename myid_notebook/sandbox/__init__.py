"""A stand-in for Intercede MyID to learn and test against, in a process of its own.

Start it with ``python -m myid_notebook.sandbox``. It plays MyID's authorization server
(``/web.oauth2``) and MyID's Core API (``/rest.core/api``) with invented people. It imports nothing
else of this project, so that one misreading of a rule cannot cancel out on both sides.

What is not documented about MyID and had to be assumed is listed in
:mod:`myid_notebook.sandbox.assumptions` and at ``GET /sandbox/assumptions``.
"""
