"""The link of a pending sign-in is an output that every front end can show."""

import json

from support.jupyter.cell import LINK
from support.jupyter.kernel import LocalKernel, follow

WIDGET = "application/vnd.jupyter.widget-view+json"
STATES = """
import gc
import ipywidgets
def states():
    found = [each for each in gc.get_objects() if isinstance(each, ipywidgets.Widget)]
    return [each.get_state() for each in found if each.comm is not None]
"""


def test_link_is_no_widget(kernel: LocalKernel) -> None:
    """The link is in HTML and text, and the widget beside it has no second one; at the end there
    is one line, and no link.
    """
    kernel.execute(STATES)
    cell = kernel.submit("%myid_login --no-wait")
    url = cell.link()
    cell.finish()
    cell.wait_for(lambda: len(cell.outputs.displays) == 2)
    link, widget = cell.outputs.displays.values()

    assert {"text/plain", "text/html"} == link.keys()
    assert ">Sign in to MyID <" in link["text/html"]
    assert ({"text/plain", WIDGET}, "") == (widget.keys(), widget["text/plain"])
    assert "left." in (states := kernel.value("states()"))
    assert LINK.search(states) is None

    follow(cell)

    cell.wait_for(lambda: "Signed in as Jane Doe" in cell.outputs.shown)
    cell.wait_for(lambda: WIDGET not in json.dumps(cell.outputs.displays))
    assert url.partition("?")[0] not in json.dumps(cell.outputs.displays)
    assert "[]" == kernel.value("states()")


def test_no_widget_at_all(kernel: LocalKernel) -> None:
    """Where ipywidgets fails there is the link alone."""
    kernel.execute("import ipywidgets\nkept, ipywidgets.VBox = ipywidgets.VBox, None")
    cell = kernel.submit("%myid_login")
    follow(cell)

    assert [] == cell.finish().errors
    assert 1 == len(cell.outputs.displays)
    kernel.execute("ipywidgets.VBox = kept")
