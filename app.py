"""The app: `python app.py` prints one address. Options: `python app.py --help`."""

import sys

from rnn_demo.cli.serve import main

if __name__ == "__main__":
    sys.exit(main())
