"""Several agents in one world: its room, their seats, and what coordinates them."""
