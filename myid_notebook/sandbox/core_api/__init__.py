"""MyID's Core API, ``/rest.core/api``, over invented people."""
