"""Settings by set-up: `embedded` (make run), `production` (DATABASE_URL and a reverse proxy), `test`."""
