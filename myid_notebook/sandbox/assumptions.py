"""The assumptions that the sandbox makes about undocumented behaviour of MyID."""

_TEXT = """
- A client file holds one object, without a Clients wrapper. The values of the client-secret
  entry (CORE 4.1.2) are built from its documented parts.
- The token response contains scope, as in IdentityServer 3.1 and later.
- A repeated parameter is refused with invalid_request.
- The only response_mode is query.
- The discovery document and its key set are enabled.
- There is no single sign-on session: every authorization request shows the sign-in page, and
  prompt=none returns login_required.
- Cancel redirects with error=access_denied.
- The sign-in pages post to /web.oauth2/account/login and expire after 10 minutes.
- OA10002 is shown on the page that was posted. Answers are compared without regard to case and
  surrounding spaces. Unknown and disabled users are asked questions too and then see OA10002.
- A locked account sees a message without an OA code, and stays locked until the sandbox is
  reset.
- An authentication code can be used more than once; 5 wrong codes lock the account.
- The Smart Card button always shows OA10001, as if the MyID Client Service were not running.
- If the account of a client_credentials client is missing or disabled, the error is
  invalid_grant. The token has no sub and acts as the client's MyIDLogonName.
- A token is refused from the second in which it expires; no clock skew is allowed.
- API errors are JSON with code and message; the codes (WS9...) are the sandbox's own.
- A person out of scope gives 404, a role without permission 403, and the token of a disabled
  person 401.
- Roles have two permissions, read and write.
- A search returns at most 200 rows, without saying that there are more; there is no paging.
- Rows have employeeId, fullName, emailAddress and groupName in addition to the known members.
- A link has the members op, desc, method and href.
- The paths of requests are assumed, and so is the response of statusMappings.
- Dates have no offset.
- All OA and WS codes other than OA10001, OA10002 and OA10003 are unknown.
"""

ASSUMPTIONS = tuple(" ".join(each.split()) for each in _TEXT.split("\n- ")[1:])
"""Each assumption in a sentence or two; replace one when MyID's behaviour is known."""
