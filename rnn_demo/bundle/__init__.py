"""A bundle: one folder that holds a trained network and nothing that could run.

    config.json            settings, sizes, SHA-256 of weights and tokenizer, facts of the training
    model.safetensors      the best weights, float32
    tokenizer.json|.model  how text becomes tokens
    training_log.jsonl     one line per look at the held-out text
    samples.jsonl          text the network wrote, with prompt, settings and seed
    training_text.txt      only if the person asked for it

The same folder is what a zip holds, what the Hub gets and what a stranger's model arrives as.
"""

from rnn_demo.bundle.adopt import adopt
from rnn_demo.bundle.layout import CONFIG, LIMITS, LOG, SAMPLES, TEXT, WEIGHTS
from rnn_demo.bundle.reading import Bundle, read_bundle, read_config
from rnn_demo.bundle.writing import save_model, write_bundle

__all__ = [
    "CONFIG",
    "LIMITS",
    "LOG",
    "SAMPLES",
    "TEXT",
    "WEIGHTS",
    "Bundle",
    "adopt",
    "read_bundle",
    "read_config",
    "save_model",
    "write_bundle",
]
