"""Reports: one piece of SQL per figure, whether it becomes a card, a table, a file or a list of tickets."""
