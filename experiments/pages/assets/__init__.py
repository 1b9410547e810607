"""The replay player: one script, one style sheet, and the page that holds them."""
