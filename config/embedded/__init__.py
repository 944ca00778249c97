"""Everything on one machine: installs the environment, keeps a PostgreSQL of its own, and runs the whole service.

`install` runs on the system's Python and uses its standard library only; the rest runs in `.venv`.
None of it imports Django, so that the parent process stays small and starts at once.
"""
