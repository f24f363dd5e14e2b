"""TLS contexts: the system's trust store, or a CA bundle."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import truststore

from myid_notebook.errors import SettingError


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Return a new TLS context for connections to MyID.

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
        except OSError as error:
            raise _unusable(ca_bundle, error) from None
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    variable, company = _company_bundle()
    try:
        if company and Path(company).is_dir():
            context.load_verify_locations(capath=company)
        elif Path(company).is_file():
            context.load_verify_locations(cafile=company)
    except OSError as error:
        raise _unusable(company, error, variable) from None
    return context


def shared_tls_context(ca_bundle: str | None, url: str) -> ssl.SSLContext:
    """Return what ``tls_context`` returns, one context for each server, bundle and file time.

    A company's bundle costs a context nearly a megabyte and tens of milliseconds. Do not share it
    with sessions, into whose own a client certificate may be loaded, or across servers: a context
    of ``truststore`` makes one handshake at a time, and one server may keep it for long.

    Args:
        url: any of the server.

    Raises:
        SettingError: as ``tls_context`` does.
    """
    return _tls_context_of(urlsplit(url).netloc, trusted_files(ca_bundle))


def trusted_files(ca_bundle: str | None) -> TrustedFiles:
    """Return what ``tls_context`` depends on: while this is the same, so is what is trusted."""
    places = [ca_bundle] if ca_bundle else [os.environ.get(name) for name in _COMPANY_BUNDLES]
    return ca_bundle, tuple(map(_version_of, places))


@lru_cache(maxsize=8)
def _tls_context_of(_server: str, files: TrustedFiles) -> ssl.SSLContext:
    return tls_context(files[0])


if hasattr(os, "register_at_fork"):
    # A thread of the parent may hold a context's lock, and would never let go of it in the child.
    os.register_at_fork(after_in_child=_tls_context_of.cache_clear)


def _version_of(place: str | None) -> _Version:
    if not place:
        return None
    try:
        found = Path(place).stat()
    except OSError:
        return place, 0, 0
    return place, found.st_mtime_ns, found.st_size


_Version = tuple[str, int, int] | None
TrustedFiles = tuple[str | None, tuple[_Version, ...]]
"""A CA bundle, and the state of each file that is trusted."""

_COMPANY_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def missing_bundle() -> str:
    """Return a sentence that names a variable of the environment whose file does not exist."""
    for variable in ("SSL_CERT_FILE", *_COMPANY_BUNDLES):
        path = os.environ.get(variable)
        if path and not os.path.exists(path):  # noqa: PTH110 - Path.exists raises for odd names
            return f"The environment variable {variable} names {path!r}, which does not exist."
    return ""


def _company_bundle() -> tuple[str, str]:
    named = ((variable, os.environ.get(variable)) for variable in _COMPANY_BUNDLES)
    return next(((variable, path) for variable, path in named if path), ("", ""))


def _unusable(ca_bundle: str, error: OSError, variable: str = "") -> SettingError:
    source = ""
    remedy = (
        "Ask your MyID administrator for the CA certificate that signed MyID's (Base64, .pem or "
        ".crt)."
    )
    if variable:
        source = f" (from the environment variable {variable})"
        remedy = "Correct or remove the variable."
    fault = f"cannot be read ({error.strerror or error})"
    if isinstance(error, ssl.SSLError):
        fault = "contains no PEM certificate, or a broken one"
    return SettingError("ca_bundle", f"The CA bundle {ca_bundle!r}{source} {fault}. {remedy}")
