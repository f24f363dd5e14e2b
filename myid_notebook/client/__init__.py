"""MyID over HTTP; no ``requests`` exception leaves this layer untranslated."""

from myid_notebook.client.person_lookup import PersonLookup as PersonLookup
from myid_notebook.client.token_endpoint import TokenEndpoint as TokenEndpoint

__all__ = ["PersonLookup", "TokenEndpoint"]
