"""What is wrong now, and who is told: conditions, notices, metrics, health."""
