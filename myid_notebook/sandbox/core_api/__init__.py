"""MyID's Core API, ``/rest.core/api``, over the fictitious organisation."""
