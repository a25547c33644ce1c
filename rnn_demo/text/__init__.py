"""Bytes -> text -> tokens."""
