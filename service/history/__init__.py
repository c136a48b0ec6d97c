"""The past, from the SEC's quarterly data sets."""
