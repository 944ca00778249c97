"""What is asked of the service, as endless lanes of requests."""
