"""Importing what exists: batches of files, each applied by itself, and what machines would write over a person's word."""
