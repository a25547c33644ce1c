"""A server of runs in a process of its own, to be killed: prints the id of the run it started."""

import sys
import time
from pathlib import Path

from rnn_demo.jobs.jobs import Jobs
from tests.tiny import tiny_config, tiny_corpus

if __name__ == "__main__":
    jobs = Jobs(Path(sys.argv[1]), warm=False)
    sys.stdout.write(jobs.submit(tiny_corpus(), tiny_config(steps=100_000), "local") + "\n")
    sys.stdout.flush()
    time.sleep(120)
