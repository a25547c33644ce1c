"""Troubles with the Hub."""

MESSAGES: dict[str, tuple[str, str]] = {}
