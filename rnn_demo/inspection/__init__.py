"""Look inside a trained network: one module per view, arrays out, nothing plotted.

Every view works on a Subject, a copy of a network with its tokenizer and texts, and leaves the
network that is being trained alone. What the views share: unrolled.py writes the network out in
time, subject.py says what is looked at, reading.py ties symbols to the characters of a text.
"""
