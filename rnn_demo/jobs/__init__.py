"""Runs in the background: queue, worker processes, ownership, limits."""
