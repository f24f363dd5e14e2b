"""Rows of an invented search."""

from datetime import UTC, datetime

import pytest

from myid_notebook.explore.rows import Rows


@pytest.fixture
def people() -> Rows:
    """Fifty people called Small, of more."""
    return Rows(
        (
            {
                "id": f"{number:04X}",
                "href": f"people/{number:04X}",
                "logonName": f"small{number}",
                "name": {"first": "Sam", "last": "Small"},
                "cards": number,
                "links": [],
            }
            for number in range(50)
        ),
        path="people",
        params={"name.last": "Sm*"},
        complete=False,
        operator="Jane Doe",
        fetched_at=datetime(2026, 11, 24, 14, 2, 33, tzinfo=UTC),
    )
