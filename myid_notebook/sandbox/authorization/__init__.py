"""MyID's authorization server, ``/web.oauth2``: an IdentityServer with MyID's sign-in page."""
