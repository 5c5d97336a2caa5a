"""One importer per publisher: reads its files, maps every row, or says why a row was left out."""
