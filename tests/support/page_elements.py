"""What a page is made of, as a parser of HTML sees it."""

from html.parser import HTMLParser


class _Elements(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.detail = ""
        self._in_detail = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(attrs)))
        self._in_detail = ("class", "detail") in attrs

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", ()))
        self._in_detail = False

    def handle_data(self, data: str) -> None:
        if self._in_detail:
            self.detail += data

    def handle_comment(self, data: str) -> None:
        self.found.append((f"comment {data}", ()))

    def handle_decl(self, decl: str) -> None:
        self.found.append((f"declaration {decl}", ()))

    def unknown_decl(self, data: str) -> None:
        self.found.append((f"section {data}", ()))

    def handle_pi(self, data: str) -> None:
        self.found.append((f"instruction {data}", ()))


def elements(html: str) -> list[tuple[str, tuple[tuple[str, str | None], ...]]]:
    """Return every tag with its attributes, every comment and declaration, in order.

    Args:
        html: the page.
    """
    return _Elements(html).found


def detail(html: str) -> str:
    """Return the text of the paragraph that may show text from outside.

    Args:
        html: the page.
    """
    return _Elements(html).detail
