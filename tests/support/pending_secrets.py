"""Everything secret about one sign-in, gathered from outside of the kernel."""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit


def rendezvous_file(runtime_dir: Path, redirect: str) -> Path:
    """Return the rendezvous file of a pending sign-in.

    Args:
        runtime_dir: Jupyter's.
        redirect: where MyID sends the browser.
    """
    state = dict(parse_qsl(urlsplit(redirect).query))["state"]
    return runtime_dir / "myid-notebook" / f"{sha256(state.encode()).hexdigest()}.json"


def answer_secrets(redirect: str, runtime_dir: Path) -> dict[str, str]:
    """Return state, relay key and, where there is one, code of a pending sign-in.

    Args:
        redirect: where MyID sends the browser.
        runtime_dir: Jupyter's.
    """
    query = dict(parse_qsl(urlsplit(redirect).query))
    file = rendezvous_file(runtime_dir, redirect)
    found = {name: query[name] for name in ("code", "state") if name in query}
    return {**found, "relay key": json.loads(file.read_text(encoding="utf-8"))["relay_key"]}


def exchange_secrets(forms: Sequence[dict[str, str]]) -> dict[str, str]:
    """Return verifier and client secret of the one token request.

    Args:
        forms: what was sent to the token endpoint.
    """
    ((verifier, secret),) = {
        (form["code_verifier"], form["client_secret"]) for form in forms if "code_verifier" in form
    }
    return {"verifier": verifier, "client secret": secret}
