"""Node-RED 4 and 5 through the admin API: one slot is one tab."""
