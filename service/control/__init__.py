"""What people ask of the service, whichever face they use: functions over a database and an actor.

They check, change and return values; they print nothing and know no HTTP. What they refuse, they refuse whole, with
one of the errors below ``Rejected``.
"""
