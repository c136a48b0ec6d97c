"""Amendments: what each amends, what it changes there, and what that does to it."""
