"""The clients of a sandbox that was started without a folder of its own."""

from myid_notebook.sandbox.clients.entry import ClientEntry

# The hash of the example secret 82564d6e-c4a6-4f64-a6d4-cac43781c67c; MyID's guide prints both.
_EXAMPLE_SECRETS = [{"Value": "kv31VP5z/oKS0QMMaIfZ2UrhmQOdgAPpXV/vaF1cymk="}]
_REDIRECT_URIS = ["http://localhost:8888/myid/callback", "http://127.0.0.1:8888/myid/callback"]
_ENTRIES = (
    {
        "ClientId": "myid.notebook",
        "ClientName": "MyID Notebook",
        "AllowedGrantTypes": ["authorization_code"],
        "ClientSecrets": _EXAMPLE_SECRETS,
        "RequireClientSecret": True,
        "RequirePkce": False,
        "AllowedScopes": ["myid.rest.basic"],
        "RedirectUris": _REDIRECT_URIS,
    },
    {
        "ClientId": "myid.public",
        "ClientName": "MyID Notebook without a secret",
        "AllowedGrantTypes": ["authorization_code"],
        "RequireClientSecret": False,
        "RequirePkce": True,
        "AllowedScopes": ["myid.rest.basic"],
        "RedirectUris": _REDIRECT_URIS,
    },
    {
        "ClientId": "myid.scheduled",
        "ClientName": "Scheduled notebook",
        "AllowedGrantTypes": ["client_credentials"],
        "ClientSecrets": _EXAMPLE_SECRETS,
        "AllowedScopes": ["myid.rest.basic"],
        "Properties": {"MyIDLogonName": "jane.doe"},
    },
)


def default_clients() -> dict[str, ClientEntry]:
    """Return the default client entries by their ClientId."""
    entries = (ClientEntry.model_validate(entry) for entry in _ENTRIES)
    return {entry.client_id: entry for entry in entries}
