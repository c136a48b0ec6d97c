"""Benchmarks: figures to read."""
