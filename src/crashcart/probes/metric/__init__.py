"""Looks at one metric of a page that Prometheus may scrape."""
