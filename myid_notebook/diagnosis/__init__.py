"""What is right and wrong with this place, before anybody signs in: ``%myid_doctor``."""

from myid_notebook.diagnosis.check import Check as Check
from myid_notebook.diagnosis.check import Finding as Finding
from myid_notebook.diagnosis.doctor import Report as Report
from myid_notebook.diagnosis.doctor import examine as examine

__all__ = ["Check", "Finding", "Report", "examine"]
