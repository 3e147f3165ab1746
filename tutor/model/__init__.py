"""The values of the model: frozen, without chance, clock or files."""
