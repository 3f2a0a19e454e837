"""The articles' pictures: fetched once, measured, and copied in the sizes that mails need."""
