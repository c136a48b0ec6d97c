"""Alerts to people: owed in the database first, then sent, then recorded."""
