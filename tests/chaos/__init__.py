"""Chaos: everything that can fail is made to, and afterwards input, topics, tables and receivers are compared."""
