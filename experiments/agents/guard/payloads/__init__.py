"""What each host tells its hooks and how it expects to be answered: one module per host."""
