"""What can be done to campaigns and filings: the only door for writes."""
