"""Integrations: finding them, one of them, and writing to them."""
