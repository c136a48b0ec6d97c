"""Rules held against filings: what a filing says (facts), what is asked of it (predicates), and who is told."""
