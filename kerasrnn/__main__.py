"""`python -m kerasrnn`, the same as the command `kerasrnn`."""

import sys

from kerasrnn.cli import main

sys.exit(main())
