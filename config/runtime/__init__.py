"""What runs the project on a bare machine: servers, demo, mail sink. No part of a deployed instance imports it."""
