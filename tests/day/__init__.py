"""A trading day on EDGAR, sixty times as fast, with everything going wrong that does."""
