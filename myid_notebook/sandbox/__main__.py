"""``python -m myid_notebook.sandbox``."""

import sys

if __name__ == "__main__":
    try:
        from myid_notebook.sandbox.command_line import main
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("myid_notebook"):
            raise
        sys.exit(f"The sandbox needs {error.name}: pip install 'myid-notebook[sandbox]'")
    sys.exit(main())
