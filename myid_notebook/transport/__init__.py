"""How requests reach MyID: which certificates are trusted, and what never goes along."""

from myid_notebook.transport.adapter import CONNECT_TIMEOUT as CONNECT_TIMEOUT
from myid_notebook.transport.adapter import TrustAdapter as TrustAdapter
from myid_notebook.transport.trust import TrustedFiles as TrustedFiles
from myid_notebook.transport.trust import shared_trust as shared_trust
from myid_notebook.transport.trust import trust as trust
from myid_notebook.transport.trust import trusted_files as trusted_files

__all__ = ["CONNECT_TIMEOUT", "TrustAdapter", "shared_trust", "trust"]
