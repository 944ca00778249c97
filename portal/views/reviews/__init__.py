"""Reviews: what waits, one request, and asking for one."""
