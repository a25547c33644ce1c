"""One run on disk, and the whole journey through it."""
