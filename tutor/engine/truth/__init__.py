"""The truth of a run: the ledger of effects, who can be reached, measurements and recordings."""
