"""What browsers and programs ask over HTTP: a face of ``control``, as the commands are another.

It knows no SQL, and holds nothing that a second process of it would lack.
"""
