"""The clients of the Authlib server: one for each way to prove who it is."""

ISSUER_PATH = "/as"
"""Where the server's endpoints are, and its issuer."""

SCOPE = "myid.rest.basic"

CLIENTS = {
    "post": ("client_secret_post", "a plain secret: 100% + ünicode"),
    "basic": ("client_secret_basic", "82564d6e-c4a6-4f64-a6d4-cac43781c67c"),
    "public": ("none", ""),
}
"""Client id to authentication method and secret; Authlib does not form-decode HTTP Basic."""
