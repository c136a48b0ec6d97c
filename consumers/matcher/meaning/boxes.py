"""The boxes of a row that can be doubted."""

from service.model.ownership import Box

PRICE = Box("transaction_price_per_share")
SHARES = Box("transaction_shares")
TOTAL = Box("transaction_total_value")
TRADED = Box("transaction_date")
STRIKE = Box("conversion_or_exercise_price")
UNDERLYING = Box("underlying_security_shares")
EXERCISABLE = Box("exercise_date")
EXPIRY = Box("expiration_date")
OWNED = Box("shares_owned_following_transaction")
