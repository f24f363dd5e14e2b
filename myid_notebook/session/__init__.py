"""The authenticated ``requests`` session."""

from myid_notebook.session.bearer import BearerAuth as BearerAuth
from myid_notebook.session.my_id_session import MyIDSession as MyIDSession
from myid_notebook.session.operator import Operator as Operator

__all__ = ["BearerAuth", "MyIDSession", "Operator"]
