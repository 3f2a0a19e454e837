"""Ways in for what comes back: mail servers, mailboxes, folders, webhooks."""
