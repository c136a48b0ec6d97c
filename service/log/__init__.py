"""The log as consumers read it, whatever keeps it."""
