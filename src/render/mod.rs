//! Templates with typed contexts: pages and mails.
