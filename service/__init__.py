"""EDGAR to events: the poller, the log and what both sides stand on."""
