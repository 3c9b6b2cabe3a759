"""When something measured is worth an alarm, and when the alarm is over."""
