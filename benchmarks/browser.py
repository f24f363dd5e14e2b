"""A whole sign-in in JupyterLab, in a real browser: from Run to a session that works.

In a new notebook each time, so that everything is imported for it. MyID's stand-in signs Jane Doe
in without a page, and the person's time between the link and the click is left out. The stages
follow one another: the link is shown, the click has brought the browser back with a code, the page
after sign-in is there, the cell has ended.
"""

from collections.abc import Iterator

from harness import Bench, Table, run
from playwright.sync_api import BrowserContext, expect
from support.browser.chromium import chromium
from support.browser.notebook_page import WAIT, NotebookOpener, configure_lab
from support.jupyter.server import JupyterProcess
from support.servers.sandbox import SandboxProcess, register

STAGES = ("Run to the link", "click to the redirect", "redirect to the page", "page to the end")
WHOLE = "the whole"
LOAD, SIGN_IN = range(2)

WATCH = """
() => {
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[1];
  const marks = window.marks = {};
  const mark = name => { marks[name] ??= performance.timeOrigin + performance.now(); };
  addEventListener('keydown', e => { if (e.ctrlKey && e.key === 'Enter') mark('run'); }, true);
  addEventListener('click', e => { if (e.target.closest('a')) mark('click'); }, true);
  new MutationObserver(() => {
    const links = [...cell.querySelectorAll('a')];
    if (links.some(a => a.textContent.includes('Sign in to MyID') && a.offsetParent)) mark('link');
    if (/\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent)) mark('end');
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}
"""
TELL = """
addEventListener('DOMContentLoaded', () => {
  if (location.pathname.endsWith('/myid/callback')) {
    const [entry] = performance.getEntriesByType('navigation');
    window.noteCallback(
      performance.timeOrigin + entry.requestStart, performance.timeOrigin + performance.now());
  }
});
"""


class Person:
    """Signs in from a notebook, and notes when what happened.

    Args:
        context: of the browser.
        notebooks: opens them.
    """

    def __init__(self, context: BrowserContext, notebooks: NotebookOpener) -> None:
        self._context = context
        self._notebooks = notebooks
        self._opened = 0
        self._callback: tuple[float, float] = (0, 0)
        context.expose_function("noteCallback", self._note)
        context.add_init_script(TELL)

    def _note(self, sent: float, shown: float) -> None:
        self._callback = sent, shown

    def sign_in(self) -> list[float]:
        """Return the milliseconds of each stage."""
        self._opened += 1
        self._callback = 0, 0
        sources = ("%load_ext myid_notebook", "%myid_login --share off")
        notebook = self._notebooks.open(f"{self._opened}.ipynb", *sources)
        notebook.run_to_end(LOAD)
        page = notebook.page
        page.evaluate(WATCH)
        notebook.run(SIGN_IN)
        expect(notebook.link(SIGN_IN)).to_be_visible(timeout=WAIT)
        with self._context.expect_page() as tab:
            notebook.link(SIGN_IN).click()
        notebook.expect_end(SIGN_IN)
        while not self._callback[0]:
            page.wait_for_timeout(50)
        marks = page.evaluate("() => window.marks")
        tab.value.close()
        page.close()
        sent, shown = self._callback
        return [
            marks["link"] - marks["run"],
            sent - marks["click"],
            shown - sent,
            max(0.0, marks["end"] - shown),
        ]


def measure(bench: Bench) -> Iterator[Table]:
    """Sign in from one notebook after the other."""
    jupyter = JupyterProcess("lab")
    configure_lab(jupyter)
    with SandboxProcess.start() as sandbox:
        sandbox.faults(auto_sign_in="jane.doe")
        environ = register(sandbox, f"{jupyter.url}myid/callback").environ
        jupyter.environ.update({**environ, "MYID_CHECKS": "on"})
        with jupyter, chromium() as browser, browser.new_context() as context:
            person = Person(context, NotebookOpener(context, jupyter))
            stages: list[list[float]] = []

            def whole() -> float:
                stages.append(person.sign_in())
                for session in jupyter.ask("GET", "api/sessions").json():
                    jupyter.ask("DELETE", f"api/sessions/{session['id']}")
                return sum(stages[-1])

            samples, _ = bench.interleaved({WHOLE: whole}, 12, seconds=120)
    count = len(samples[WHOLE])
    rows = dict(zip(STAGES, map(list, zip(*stages[-count:], strict=True)), strict=True))
    table = Table("a sign-in in JupyterLab", "ms", {**rows, **samples}, "", stages=[*STAGES])
    table.reach("at most 1,500 ms", WHOLE, 1500)
    yield table


if __name__ == "__main__":
    run(measure)
