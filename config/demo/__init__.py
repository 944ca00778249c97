"""The demo estate: a retailer's integrations, real people's decisions, one runtime that really runs."""
