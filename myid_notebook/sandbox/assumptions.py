"""The assumptions that the sandbox makes about undocumented behaviour of MyID."""

_TEXT = """
- A client file holds one object, without a Clients wrapper. The values of the client-secret
  entry (CORE 4.1.2) are built from its documented parts.
- The token response contains scope, as in IdentityServer 3.1 and later.
- A repeated parameter is refused with invalid_request.
- The only response_mode is query.
- The discovery document and its key set are enabled.
- web.oauth2 behaves like IdentityServer4, or like Duende IdentityServer with the switch dialect.
  The error page is theirs; its address is home/error.
- There is no single sign-on session, except with the switch single_sign_on: every authorization
  request shows the sign-in page, and prompt=none returns login_required.
- Cancel redirects with error=access_denied.
- The sign-in pages are at /web.oauth2/Account/Login, post to that path, and expire after 10
  minutes.
- The web server refuses a query of more than 2,048 characters with 404.15, the default of IIS.
- OA10002 is shown on the page that was posted. Answers are compared without regard to case and
  surrounding spaces. Unknown and disabled users are asked questions too and then see OA10002.
- A locked account sees a message without an OA code, and stays locked until the sandbox is
  reset.
- An authentication code that was used, or is dead after 5 wrong ones, looks like a wrong code.
- The Smart Card button always shows OA10001, as if the MyID Client Service were not running.
- If the account of a client_credentials client is missing or disabled, the error is
  invalid_grant. The token has no sub and acts as the client's MyIDLogonName.
- The members of a client entry about refresh tokens are IdentityServer's: AllowOfflineAccess
  grants the scope offline_access, whatever AllowedScopes says. A client_credentials client cannot
  ask for it.
- A used refresh token gives invalid_grant and revokes nothing, except with the switch
  refresh_family. A scope parameter is ignored when a refresh token is used.
- The revocation endpoint is at connect/revocation and in the discovery document. It ends the
  refresh token that it is sent, and no access token.
- A token is refused from the second in which it expires; no clock skew is allowed.
- API errors are JSON with code and message; the codes (WS9...) are the sandbox's own. A path that
  does not exist gives 404 without a body.
- A person out of scope gives 404, a role without permission 403, and the token of a disabled
  person 401.
- Roles have two permissions, read and write.
- The entry of links that leads to the next page has the op next and repeats the query, with the
  parameter start: the number of the page's first row. Without further pages, links is an empty
  list. Pages have 50 rows in every collection.
- Of a parameter that is repeated, the first value counts. An empty value is no filter.
- q finds starts of words in the full name or the logon name of people, and in the name of groups
  and credential profiles. All words must match; a wildcard is refused with 400.
- All other parameters of text are compared with the whole text, and may contain wildcards.
- The parameters group (a name; groups below it are included), enabled, email and upn of people;
  processStatus, assigned, dt, credProfile, expiresAfter, expiresBefore, validAfter and
  validBefore of devices; status, expiresAfter, expiresBefore and policy of certificates; and
  status of requests are assumed. After means at that time or later, before means earlier.
- A value that is no date, or none of a fixed set, is refused with 400.
- A record has no employeeId if MyID has no value for it. An attribute of an installation is a
  member of extension; in the sandbox it is costCentre.
- A cancelled device has the process status Erased and no owner. Only assigned=no finds it, for who
  sees everybody. The other devices are Active; a disabled one has 0 as validity.enabled.
- A request has initiator and approver, with the members of target, and a request to replace a
  device has its reason in reason.description.
- A link has the members op, desc, method and href.
- The paths of requests and of one group are assumed, and so are the responses of statusMappings
  and groups/browse.
- Dates have no offset.
- The OpenAPI file needs no token. Its member x-permissions has the permissions of an operation
  and the roles that have them.
- All OA and WS codes other than OA10001, OA10002 and OA10003 are unknown.
"""

ASSUMPTIONS = tuple(" ".join(each.split()) for each in _TEXT.split("\n- ")[1:])
"""Each assumption in a sentence or two; replace one when MyID's behaviour is known."""
