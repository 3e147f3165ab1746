"""What really happened: the ledger of effects, who can be reached, measurements and recordings."""
