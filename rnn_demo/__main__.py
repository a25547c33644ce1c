"""`python -m rnn_demo` is the command line."""

import sys

if __name__ == "__main__":
    try:
        from rnn_demo.cli import main

        sys.exit(main())
    except KeyboardInterrupt:  # before there was a command to break off
        sys.exit(130)
