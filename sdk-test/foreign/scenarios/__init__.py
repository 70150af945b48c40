"""Scenarios of raw requests, by subject."""
