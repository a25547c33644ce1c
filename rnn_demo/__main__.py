"""`python -m rnn_demo` is the command line."""

import sys

from rnn_demo.cli import main

if __name__ == "__main__":
    sys.exit(main())
