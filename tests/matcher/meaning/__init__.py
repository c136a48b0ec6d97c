"""What rows mean."""
