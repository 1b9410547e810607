"""The ways to coordinate the agents of a crew, one file each (`sim.settings.coordinations`)."""
