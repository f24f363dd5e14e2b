"""The hub's spawner of the tests; the hub's process imports it."""

from typing import Any

from jupyterhub.spawner import SimpleLocalProcessSpawner
from support.machine.ports import free_port


class ReservedPortSpawner(SimpleLocalProcessSpawner):  # type: ignore[misc] # has no types
    """Runs servers as this user, at ports that no other test gets.

    JupyterHub would take a port that systems give to anybody: until the server listens there,
    seconds later, a kernel may have got it.
    """

    async def start(self) -> Any:  # noqa: ANN401 - as JupyterHub has it
        """Start the server and return where it is."""
        self.port = free_port()
        return await super().start()
