"""The faults of the Core API, before anything else is looked at."""

from myid_notebook.sandbox.core_api.problem import ProblemError
from myid_notebook.sandbox.installation import Installed


async def suffer_api_faults(installation: Installed) -> None:
    """Wait and fail as switched on; 500 is what an unreachable AuthServerUrl gives (OC 17.4.1).

    Raises:
        ProblemError: with the status that is switched on.
    """
    faults = installation.faults
    await installation.pause(faults.api_delay)
    if faults.api_status is not None:
        raise ProblemError(faults.api_status, "The sandbox was told to answer this")
