"""Start inkhook: `python -m inkhook`, and the `inkhook` command.

Small on purpose: everything else is imported inside the `try`, so that Ctrl-C ends the program
quietly even while Python is importing modules.
"""

import sys


def main() -> None:
    """Run the command line and exit with its code (130 after Ctrl-C)."""
    try:
        from inkhook.core.base.streams import repair_streams

        repair_streams()
        from inkhook.cli import cli

        cli()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
