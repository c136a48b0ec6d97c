"""Pictures of the pages, for docs/pages.md: the demo's morning, in a real browser."""
