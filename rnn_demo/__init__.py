"""Train a small recurrent language model on your own text, and see what it learned."""

__version__ = "0.1.0"
