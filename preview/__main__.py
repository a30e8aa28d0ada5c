"""`python -m preview`."""

import sys

from preview.command import main

if __name__ == "__main__":
    sys.exit(main())
