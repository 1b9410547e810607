"""What keeps the agents of a crew out of each other's way, one file each (`sim.settings.coordinations`)."""
