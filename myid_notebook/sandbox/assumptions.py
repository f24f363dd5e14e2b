"""What is not documented about MyID and had to be assumed for the sandbox."""

_TEXT = """
- Client entries: one object per file, no Clients wrapper; the values of the client-secret entry
  (CORE 4.1.2) are built from its documented parts.
- The token response carries scope, as IdentityServer 3.1 and later send it.
- A parameter that is repeated is refused with invalid_request.
- response_mode can only be query.
- The discovery document and its key set are enabled.
- There is no single sign-on session: every authorize request asks again, and prompt=none is
  answered with login_required.
- Cancel redirects with error=access_denied.
- The sign-in pages post to /web.oauth2/account/login; a page can be used for 10 minutes.
- OA10002 is shown on the page that was posted; answers are compared without regard to case and
  outer spaces; an unknown or disabled user is asked questions and told OA10002.
- A locked account is told so in plain words, without an OA code; it stays locked until the
  sandbox is reset.
- An authentication code can be used more than once; wrong ones lock after 5.
- The Smart Card button always shows OA10001, as if no MyID Client Service were running.
- An account for client_credentials that is missing or disabled gives invalid_grant; its token has
  no sub and acts as the client's MyIDLogonName.
- A token is refused from the very second in which it expires: no clock skew is allowed.
- API errors are JSON with code and message; the codes (WS9...) are the sandbox's own.
- A person out of scope gives 404; a role without permission gives 403; the token of a disabled
  person gives 401.
- Roles know two permissions, read and write.
- A result is cut at 200 rows without a word; there is no paging.
- Rows carry employeeId, fullName, emailAddress and groupName besides the known members.
- A link has the members op, desc, method and href.
- The paths of requests are assumed, as is that of statusMappings' answer.
- Dates carry no offset.
- Every OA and WS code other than OA10001, OA10002 and OA10003 is unknown.
"""

ASSUMPTIONS = tuple(" ".join(each.split()) for each in _TEXT.split("\n- ")[1:])
"""Each assumption in a sentence or two; replace it when MyID's behaviour is known."""
