"""What to ask EDGAR for, and when: every filing published once, none missed."""
