"""What can stand in the way, as the watch finds it and tells it."""
