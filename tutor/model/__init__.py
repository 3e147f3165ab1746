"""What things are: frozen values, without chance, clock or files."""
