"""Bytes to ownership documents. Pure: no I/O, no clock."""
