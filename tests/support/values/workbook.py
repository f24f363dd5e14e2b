"""What is in an Excel workbook."""

from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class FormulaFoundError(Exception):
    """A cell has a formula, or a sheet a link."""


def sheets(file: Path) -> dict[str, list[list[str]]]:
    """Return the cells of each sheet by row; empty cells are left out.

    Args:
        file: as XlsxWriter writes it.

    Raises:
        FormulaFoundError: a cell has a formula, or a sheet a link.
    """
    with ZipFile(file) as book:
        texts = _parsed(book, "xl/sharedStrings.xml").iter(f"{_NAMESPACE}si")
        shared = ["".join(text.itertext()) for text in texts]
        names = [
            each.get("name", "")
            for each in _parsed(book, "xl/workbook.xml").iter(f"{_NAMESPACE}sheet")
        ]
        return {
            name: _rows(_parsed(book, f"xl/worksheets/sheet{number}.xml"), shared)
            for number, name in enumerate(names, start=1)
        }


def _parsed(book: ZipFile, name: str) -> ET.Element:
    return ET.fromstring(book.read(name))  # noqa: S314 - a file that the tests have written


def _rows(sheet: ET.Element, shared: list[str]) -> list[list[str]]:
    if [*sheet.iter(f"{_NAMESPACE}f"), *sheet.iter(f"{_NAMESPACE}hyperlink")]:
        raise FormulaFoundError
    return [
        [_value(cell, shared) for cell in row if cell.find(f"{_NAMESPACE}v") is not None]
        for row in sheet.iter(f"{_NAMESPACE}row")
    ]


def _value(cell: ET.Element, shared: list[str]) -> str:
    value = cell.findtext(f"{_NAMESPACE}v", "")
    return shared[int(value)] if cell.get("t") == "s" else value
