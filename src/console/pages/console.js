/** What pages do with a script beside being live: keys. Without it everything works too. */
