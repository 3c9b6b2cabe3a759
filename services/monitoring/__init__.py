"""What is measured of the installation, and how well it is."""
