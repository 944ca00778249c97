"""Reading what runtimes report, dialect by dialect, into one internal shape."""
