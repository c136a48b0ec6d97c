"""The domain: what a filing says, what rules speak of, what an alert holds. No I/O, no technology."""
