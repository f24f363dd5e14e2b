"""A sandbox behind TLS, as MyID is, with the certificate of a company's own CA."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import trustme
from support.sandbox_process import SandboxProcess


@dataclass(frozen=True)
class CompanyCA:
    """A CA that no machine trusts by itself.

    Args:
        bundle: its certificate, PEM.
        server: certificate and key of a server at 127.0.0.1, PEM.
    """

    bundle: Path
    server: Path

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make a CA and a server's certificate.

        Args:
            folder: gets the files.
        """
        authority = trustme.CA()
        created = cls(bundle=folder / "ca.pem", server=folder / "server.pem")
        authority.cert_pem.write_to_path(created.bundle)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
            created.server
        )
        return created

    def sandbox(self) -> SandboxProcess:
        """Return a sandbox with the server's certificate, not yet started."""
        return SandboxProcess(["--certfile", str(self.server)], verify=str(self.bundle))
