"""Share: push, demo, load, autosave."""
