"""A diagnosis to hand on: one web page, Markdown, a Slack message. All three tell the same story."""
