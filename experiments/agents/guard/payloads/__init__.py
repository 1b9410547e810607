"""What each host tells its hooks and how it wants to be answered: one module a host."""
