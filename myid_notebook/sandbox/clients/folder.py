"""Reading a CustomClients folder: one client per file (CORE 4.1.1, 11.1)."""

import json
from pathlib import Path

from pydantic import ValidationError

from myid_notebook.sandbox.clients.entry import ClientEntry


class ClientsFolderError(Exception):
    """The folder cannot be used; the message is one line for a person to read."""


def read_clients_folder(folder: Path) -> dict[str, ClientEntry]:
    """Return every client of ``folder`` by its ClientId.

    Args:
        folder: where the ``.json`` files are; files of other names are left alone.

    Raises:
        ClientsFolderError: there is no such folder, a file is not a client entry, or two files
            name the same ClientId, with which MyID does not start either.
    """
    if not folder.is_dir():
        raise ClientsFolderError(f"{folder} is not a folder")
    files: dict[str, Path] = {}
    clients: dict[str, ClientEntry] = {}
    for file in sorted(folder.glob("*.json")):
        entry = _read_entry(file)
        if entry.client_id in clients:
            raise ClientsFolderError(
                f"ClientId {entry.client_id!r} is in both {files[entry.client_id]} and {file}"
            )
        clients[entry.client_id], files[entry.client_id] = entry, file
    return clients


def _read_entry(file: Path) -> ClientEntry:
    try:
        return ClientEntry.model_validate(json.loads(file.read_text(encoding="utf-8-sig")))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        member = ".".join(str(part) for part in fault["loc"])
        raise ClientsFolderError(f"{file}: {member or 'entry'}: {fault['msg']}") from error
    except (OSError, ValueError) as error:
        raise ClientsFolderError(f"{file}: {error}") from error
