"""Several agents in one world: the room that they share, their seats, and what coordinates them."""
