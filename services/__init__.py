"""What the application can do. Classes that pages, API and tasks call, and what they rest on."""
