"""Channels with random quiet hours, digests and bounds, over weeks in which clocks are changed, on a fake clock."""
