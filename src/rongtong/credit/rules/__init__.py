"""Pure rules of credit: calendar, day counts, schedules, rates, limits, prices. No tables, no clock; thresholds come as arguments."""
