"""EDGAR as it is: paced requests, feed pages, submissions. No decisions, no state of ours."""
