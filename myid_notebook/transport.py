"""How requests trust TLS certificates here: the system's store, or one CA bundle."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter

from myid_notebook.errors import SettingError

CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection."""


def trust(ca_bundle: str | None) -> ssl.SSLContext:
    """Return the TLS context of every connection to MyID.

    Without a bundle the operating system's store is asked, where companies put their own CA; a
    bundle that ``REQUESTS_CA_BUNDLE`` or ``CURL_CA_BUNDLE`` names is trusted beside it.

    Args:
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        SettingError: the file holds no certificate, or the environment's holds none.
    """
    if ca_bundle is not None:
        try:
            return ssl.create_default_context(cafile=ca_bundle)
        except (ssl.SSLError, OSError):
            raise SettingError(
                "ca_bundle",
                f"The CA bundle {ca_bundle!r} holds no certificate in PEM form. Ask your MyID "
                "administrator for the CA certificate that signed MyID's (Base64, .pem or .crt).",
            ) from None
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for variable in _COMPANY_BUNDLES:
        company = os.environ.get(variable)
        if company:
            _trust_also(context, company, variable)
            break
    return context


def shared_trust(ca_bundle: str | None) -> ssl.SSLContext:
    """Return what ``trust`` returns, one context for all who trust the same files.

    A company's bundle costs a context nearly a megabyte and tens of milliseconds. Not for whoever
    may load a client certificate into it.

    Args:
        ca_bundle: path of a PEM file to trust instead of the system's store.

    Raises:
        SettingError: as ``trust`` does.
    """
    places = [ca_bundle] if ca_bundle else [os.environ.get(name) for name in _COMPANY_BUNDLES]
    return _trust_of(ca_bundle, tuple(_version_of(place) for place in places))


@lru_cache(maxsize=4)
def _trust_of(ca_bundle: str | None, _versions: tuple[_Version, ...]) -> ssl.SSLContext:
    return trust(ca_bundle)


def _version_of(place: str | None) -> _Version:
    if not place:
        return None
    try:
        found = Path(place).stat()
    except OSError:
        return place, 0, 0
    return place, found.st_mtime_ns, found.st_size


_Version = tuple[str, int, int] | None
_COMPANY_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def _trust_also(context: ssl.SSLContext, bundle: str, variable: str) -> None:
    path = Path(bundle)
    try:
        if path.is_dir():
            context.load_verify_locations(capath=bundle)
        elif path.is_file():
            context.load_verify_locations(cafile=bundle)
    except (ssl.SSLError, OSError):
        raise SettingError(
            "ca_bundle",
            f"The CA bundle {bundle!r}, which the environment variable {variable} names, holds no "
            "certificate in PEM form. Correct the variable or remove it.",
        ) from None


class TrustAdapter(HTTPAdapter):
    """Sends requests over TLS that trusts what ``trust`` says, whatever the environment says.

    ``REQUESTS_CA_BUNDLE`` would otherwise beat ``Session.verify`` and with it an explicit bundle.
    Certificates are always checked: ``verify=False`` has no effect.

    Args:
        context: from ``trust``.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - requests' own signature
        """Give the pools this adapter's TLS context."""
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - requests' own signature
        """Give the pools behind a proxy the same context."""
        return super().proxy_manager_for(*args, ssl_context=self._context, **kwargs)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ANN401, ARG002 - requests' own signature; never obeyed
        cert: Any = None,  # noqa: ANN401 - the same
    ) -> Any:  # noqa: ANN401 - the same
        """Choose the pool as if ``verify`` were never given."""
        return super().build_connection_pool_key_attributes(request, True, cert)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ANN401, ARG002 - the same
        """Leave the trusted certificates to the context; add a client certificate, if any."""
        super().cert_verify(conn, url, False, cert)
        conn.cert_reqs = "CERT_REQUIRED"
