"""What the build makes: pages from code, output and pictures from the commands that the pages show."""
