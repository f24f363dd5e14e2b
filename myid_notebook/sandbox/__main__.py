"""Run the sandbox: ``python -m myid_notebook.sandbox``."""

import sys


def _run() -> int:
    try:
        from myid_notebook.sandbox.command_line import main  # noqa: PLC0415 - an extra may be missing
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing == "myid_notebook":
            raise
        sys.stderr.write(
            f"The sandbox needs {missing}, which is not installed. In a clone of this project run: "
            'pip install ".[sandbox]"\n'
        )
        return 2
    return main()


if __name__ == "__main__":
    try:
        sys.exit(_run())
    except KeyboardInterrupt:
        sys.exit(0)
