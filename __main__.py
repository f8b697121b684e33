"""Start inkhook: `python -m inkhook`, and the `inkhook` command.

Small on purpose: everything else is imported inside the `try`, so that Ctrl-C ends the program
quietly even while Python is importing modules.
"""

import sys


def main() -> None:
    """Run the command line and exit with its code (130 after Ctrl-C, 143 after SIGTERM)."""
    try:
        from inkhook.core.base.signals import listen
        from inkhook.core.base.text import repair_streams

        listen()
        repair_streams()
        from inkhook.cli import cli

        cli()
    except (
        KeyboardInterrupt
    ) as error:  # SIGTERM and SIGHUP are one of those, with a code of its own
        sys.stderr.write(f"\n{getattr(error, 'sentence', 'Interrupted.')}\n")
        sys.exit(getattr(error, "exit_code", 130))


if __name__ == "__main__":
    main()
