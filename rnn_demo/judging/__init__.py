"""How good is it: held-out loss, what counting and compressing reach, what was copied."""
