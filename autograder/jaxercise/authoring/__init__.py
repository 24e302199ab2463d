"""What authors run: `new`, `build`, `certify`, `pack`."""
