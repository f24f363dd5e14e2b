"""Settings, resolved from as few values as a test wants to name."""

from collections.abc import Mapping

from myid_notebook.settings.resolve import Settings, resolve, with_client_secret

SECRET = "82564d6e-c4a6-4f64-a6d4-cac43781c67c"
ENVIRON = {
    "MYID_SERVER": "https://myid.example.com",
    "MYID_CLIENT_ID": "myid.notebook",
    "MYID_CLIENT_SECRET": SECRET,
}
"""As few variables as a sign-in needs."""


def settings_of(
    environ: Mapping[str, str] | None = None, found_secret: str | None = None, **options: str | None
) -> Settings:
    """Return the settings of a sign-in.

    Args:
        environ: the environment variables; None for the fewest.
        found_secret: what keyring or prompt would give.
    """
    environ = ENVIRON if environ is None else environ
    settings = resolve(options, environ, {})
    if settings.needs_client_secret and not settings.access_token:
        return with_client_secret(settings, found_secret)
    return settings
