"""An offline stand-in for Snowflake: SQL API v2 over fakesnow, for tests only."""
