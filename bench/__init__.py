"""What is measured, against a limit app in the same run: `make bench`, explained in docs/performance.md."""
