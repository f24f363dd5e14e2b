"""A JupyterHub whose users sign in to MyID from their notebooks.

What differs from place to place, the client secret above all, comes from the hub's own environment.
"""

import os

c = get_config()

# The address people type, with any path prefix: https://hub.example.org/
PUBLIC_URL = os.environ["HUB_PUBLIC_URL"].rstrip("/")

# JupyterHub 5 and later hand it on to every user's server; earlier ones do not know it.
c.JupyterHub.public_url = f"{PUBLIC_URL}/"

c.Spawner.environment = {
    "MYID_SERVER": os.environ["MYID_SERVER"],
    "MYID_CLIENT_ID": os.environ["MYID_CLIENT_ID"],
    "MYID_CLIENT_SECRET": os.environ["MYID_CLIENT_SECRET"],
    # One for all users, registered at MyID character for character.
    "MYID_REDIRECT_URI": f"{PUBLIC_URL}/hub/user-redirect/myid/callback",
}

# Only where MyID's certificate comes from a CA that the users' machines do not trust: a PEM file
# that exists where the notebooks run.
if "MYID_CA_BUNDLE" in os.environ:
    c.Spawner.environment["MYID_CA_BUNDLE"] = os.environ["MYID_CA_BUNDLE"]
