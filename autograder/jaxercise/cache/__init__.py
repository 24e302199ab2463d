"""What is kept from run to run, and what it depends on."""
