"""Everything secret about a sign-in, and looking for it in what somebody can read."""

import json
import os
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from support.jupyter.cell import Outputs


def found(secrets: Mapping[str, str], text: str) -> list[str]:
    """Return the names of the secrets that stand in a text, plain or encoded.

    Args:
        secrets: by name.
        text: not empty; bytes that are not text as Latin-1.
    """
    assert text
    return [name for name, secret in secrets.items() if any(f in text for f in forms(secret))]


def forms(secret: str) -> Iterator[str]:
    """Yield how a secret may be written down: plain, in an address, in JSON, in Python, as UTF-16,
    as hex, as Base64.

    Args:
        secret: at least 8 characters.
    """
    yield from {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    yield repr(str(secret))[1:-1]
    data = secret.encode()
    yield secret.encode("utf-16-le").decode("latin-1")[:-1]  # both byte orders hold this
    yield data.hex()
    yield data.hex().upper()
    for before in range(3):
        # Base64 writes three bytes as four characters: the same text looks different at each place.
        for encode in (b64encode, urlsafe_b64encode):
            written = encode(b" " * before + data).decode().rstrip("=")
            yield written[4 if before else 0 : -2]


def files_below(*folders: Path) -> dict[Path, bytes]:
    """Return the contents of all files below some folders.

    Programs that still run write there: a file that ends meanwhile, such as SQLite's journal, is
    left out.
    """
    contents = {}
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for path in (Path(parent, name) for name in names):
                with suppress(FileNotFoundError):
                    if path.is_file():  # not a socket
                        contents[path] = path.read_bytes()
    return contents


def rendezvous_file(runtime_dir: Path, redirect: str) -> Path:
    """Return the rendezvous file of a pending sign-in."""
    state = dict(parse_qsl(urlsplit(redirect).query))["state"]
    return runtime_dir / "myid-notebook" / f"{sha256(state.encode()).hexdigest()}.json"


def answer_secrets(redirect: str, runtime_dir: Path) -> dict[str, str]:
    """Return state, relay key and, where there is one, code of a pending sign-in."""
    query = dict(parse_qsl(urlsplit(redirect).query))
    file = rendezvous_file(runtime_dir, redirect)
    found = {name: query[name] for name in ("code", "state") if name in query}
    return {**found, "relay key": json.loads(file.read_text(encoding="utf-8"))["key"]}


def exchange_secrets(forms: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return verifier and client secret of the one token request.

    Args:
        forms: what was sent to the token endpoint.
    """
    ((verifier, secret),) = {
        (form["code_verifier"], form["client_secret"]) for form in forms if "code_verifier" in form
    }
    return {"verifier": verifier, "client secret": secret}


@dataclass(frozen=True)
class SecretSignIn:
    """A sign-in that worked.

    Args:
        secrets: everything secret about it by name.
    """

    secrets: dict[str, str]
    outputs: Outputs
