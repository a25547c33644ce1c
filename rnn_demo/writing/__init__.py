"""From scores to text: sampling, one symbol at a time, beams."""
