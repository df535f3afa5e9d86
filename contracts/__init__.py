"""What a service promises: contracts, standards and the judge. Knows no HTTP client and no Hypothesis."""
