"""Keeping owners real: who is missing, what I am asked, campaigns, escalations, what tiers ask for, and leaving."""
