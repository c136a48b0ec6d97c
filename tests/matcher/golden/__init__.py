"""Filings written by hand, with everything that is to be known of them.

Each YAML file holds filings; `form` says how one is written, and makes the XML of it that EDGAR would serve.
"""
