"""MyID's authorization server, ``/web.oauth2``: an IdentityServer with MyID's sign-in pages.

``connect/authorize``: authorization_request validates, login and pages sign the person in,
authorize_endpoint redirects with an authorization code. ``connect/token``: token_request
authenticates the client and validates the grant, token_endpoint answers with an access token and,
for the scope offline_access, a refresh token, which ``connect/revocation`` ends.
"""
