"""`lsc`, and `python -m lsccli`: what there is to import is imported where Control-C finds an answer."""

import os
import sys

from lsccli.commands.streams import open_standard


def main() -> None:
    """Run `lsc`; interrupted before it has begun, it ends like one that has."""
    open_standard()
    try:
        from lsccli.cli import main as run

        run()
    except KeyboardInterrupt:
        os.write(2, b"Interrupted; what was finished is kept. Run the command again to go on.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
